/**
 * The spelling of an entry as one pattern (custody-log L2.1–L2.5): a quick yes for what is canonical and allowed.
 * It says nothing about what it does not match: `entry.ts` then reads the long way, which also finds the words.
 */
import { isLogValue, isObject } from './canonical.ts';
import type { Entry, SubjectLink } from './entry.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const hash = '[0-9a-f]{64}';
const count = '(?:0|[1-9][0-9]{0,15})';
const word = '[a-z]+(?:-[a-z]+)*';
const link = `\\{"id":"[a-z]{2,16}:${uuid}","n":${count},"prev":"${hash}"\\}`;
const field = `"[a-z][A-Za-z0-9]{0,39}":"${hash}"`;

/** The nine members in their order. `facts` may be anything here: what it captures is read as JSON of its own. */
const pattern = new RegExp(
  `^\\{"actor":"(person:${uuid}|system:[a-z]{1,16})","at":(${count}),"facts":(\\{.*?\\})` +
    `,"kind":"(${word}(?:\\.${word})*)","origin":"([a-z0-9./-]{1,200})"` +
    `,"private":\\{((?:${field}(?:,${field})*)?)\\},"seq":(${count})` +
    `,"subjects":\\[((?:${link}(?:,${link})*)?)\\],"v":1\\}$`,
  's',
);

const maxSubjects = 128;
const maxPrivate = 32;
const noEntry = '0'.repeat(64);

/** The links in `text`, which the pattern holds; undefined if they do not ascend or do not count. */
function readLinks(text: string): SubjectLink[] | undefined {
  const links: SubjectLink[] = [];
  let before = '';
  for (let at = 0; at < text.length; ) {
    const idEnd = text.indexOf('"', at + 7);
    const nEnd = text.indexOf(',', idEnd + 6);
    const id = text.slice(at + 7, idEnd);
    const n = Number(text.slice(idEnd + 6, nEnd));
    const prev = text.slice(nEnd + 9, nEnd + 73);
    if (id <= before || n < 1 || n > Number.MAX_SAFE_INTEGER || (n === 1) !== (prev === noEntry))
      return undefined;
    links.push({ id, n, prev });
    before = id;
    at = nEnd + 76;
  }
  return links.length > maxSubjects ? undefined : links;
}

/** The private fields in `text`, which the pattern holds; undefined if their names do not ascend. */
function readFields(text: string): Record<string, string> | undefined {
  const fields: Record<string, string> = {};
  let before = '';
  let many = 0;
  for (let at = 0; at < text.length; many += 1) {
    const end = text.indexOf('"', at + 1);
    const name = text.slice(at + 1, end);
    if (name <= before) return undefined;
    fields[name] = text.slice(end + 3, end + 67);
    before = name;
    at = end + 69;
  }
  return many > maxPrivate ? undefined : fields;
}

/** The facts in `text` if that is their canonical spelling. */
function readFacts(text: string): Entry['facts'] | undefined {
  try {
    const facts: unknown = JSON.parse(text);
    return isObject(facts) && JSON.stringify(facts) === text && isLogValue(facts) ? facts : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The entry that `text` spells, with the text of its facts; undefined where the pattern does not reach or a bound
 * does not hold. What belongs together (the acting person, the log's own kinds, the form of the origin) the caller checks.
 */
export function matchEntry(text: string): { readonly entry: Entry; readonly factsText: string } | undefined {
  const [, actor, at, factsText, kind, origin, fields, seq, links] = pattern.exec(text) ?? [];
  if (actor === undefined || factsText === undefined || kind === undefined || origin === undefined)
    return undefined;
  const facts = readFacts(factsText);
  const hidden = readFields(fields ?? '');
  const subjects = readLinks(links ?? '');
  if (facts === undefined || hidden === undefined || subjects === undefined || kind.length > 64)
    return undefined;
  const entry = { actor, at: Number(at), facts, kind, origin, private: hidden, seq: Number(seq), subjects };
  const isSafe = entry.at <= Number.MAX_SAFE_INTEGER && entry.seq <= Number.MAX_SAFE_INTEGER;
  return isSafe ? { entry, factsText } : undefined;
}
