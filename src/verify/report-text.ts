/** The report as text for a terminal. Nothing from the package reaches the terminal unescaped. */
import { chinese, english } from './limits.ts';
import type { Report } from './report.ts';

/** `text` with every character that could act on a terminal, or turn the reading direction, written as an escape. */
export function inert(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is made harmless.
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function grouped(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}

function time(at: number | undefined): string {
  return at === undefined ? '—' : at <= 8_640_000_000_000_000 ? new Date(at).toISOString() : String(at);
}

function facts(report: Report): string[] {
  const { times, privateFields, pinnedKey, signingKey } = report;
  const lines = [
    `log          ${report.origin}`,
    `pinned key   ${grouped(pinnedKey.fingerprint)}`,
    `             ${pinnedKey.vkey}`,
  ];
  if (signingKey !== undefined && signingKey.vkey !== pinnedKey.vkey)
    lines.push(
      `signed with  ${grouped(signingKey.fingerprint)} (key epoch ${signingKey.epoch}, through rotations)`,
    );
  if (report.size !== undefined) lines.push(`checkpoint   size ${report.size}, root ${report.root ?? ''}`);
  if (report.scope !== undefined)
    lines.push(
      `package      ${JSON.stringify(report.scope)}, ${report.entries} entries, ${report.seals} seals`,
    );
  lines.push(
    `private      ${privateFields.disclosed} disclosed, ${privateFields.erased} erased, ${privateFields.withheld} withheld`,
    `times        ${time(times.first)} to ${time(times.last)}, last seal ${time(times.seal)}, ${times.ageHours ?? '—'} hours ago`,
    `witnesses    quorum ${report.quorum}: ${report.isWitnessed ? 'filled' : 'not filled'}`,
    `anchored     ${report.isAnchored ? 'yes' : 'no'}, ${report.stampsPassedOver} tokens of unknown authorities passed over`,
  );
  for (const { name, state } of report.witnesses) lines.push(`             ${name}: ${state}`);
  return lines;
}

/** The whole report, in Chinese or English; check names, codes and verdicts are the same in both. */
export function reportText(report: Report, language: 'zh' | 'en'): string {
  const words = language === 'zh' ? chinese : english;
  const lines = [`${report.verdict}  ${words.verdicts[report.verdict]}`, '', ...facts(report), ''];
  for (const { check, words: said, result } of report.checks)
    lines.push(`${result.padEnd(18)}${check}: ${said}`);
  for (const { check, code, words: said, seq, file } of report.failures) {
    const place = [seq === undefined ? '' : ` seq ${seq}`, file === undefined ? '' : ` file ${file}`].join(
      '',
    );
    lines.push('', `FAILED ${code} (${check}${place})`, `       ${said}`);
  }
  if (report.known.length > 0) lines.push('');
  for (const { file, state, words: said } of report.known)
    lines.push(`known note ${file}: ${state}: ${said}`);
  if (report.divergence !== undefined) lines.push('', `DIVERGED ${report.divergence}`);
  for (const unmet of report.unmet) lines.push(`not met: ${unmet}`);
  lines.push('', ...words.limits.map((limit) => `- ${limit}`), '', `exit ${report.exit}`);
  return `${lines.map(inert).join('\n')}\n`;
}
