/** The command and the folder by itself: exit codes, evidence, output (L10.1, L10.2). */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyCommand } from '../../src/verify/command.ts';
import { buildPackage, item, livelyLog, logExport, TestKey, TestLog } from './build-package.ts';
import { trust } from './check.ts';

const folder = mkdtempSync(join(tmpdir(), 'custos-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await verifyCommand(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  return { code, out, err };
}

const log = livelyLog();
logExport(log, { kind: 'subject', id: item(2) });
const good = file('good.custos.tar', buildPackage(log, { scope: { kind: 'full' } }));
const policy = file('policy', trust());

describe('exit codes', () => {
  it('L10.2: 0 and a report that names the key and the limits, as text and as data', async () => {
    const { code, out } = await run(good, '--trust', policy);
    expect(code).toBe(0);
    expect(out).toContain('SIGNED');
    expect(out).toContain(new TestKey(1).vkey);
    expect(out).toMatch(/T1[\s\S]*T2[\s\S]*T3[\s\S]*T4/);
    const data = JSON.parse((await run(good, '--trust', policy, '--json')).out) as {
      verdict: string;
      limits: string[];
    };
    expect(data.verdict).toBe('SIGNED');
    expect(data.limits.length).toBeGreaterThan(4);
  });

  it('L10.2: 1 where nothing can be read', async () => {
    expect((await run(join(folder, 'none.tar'), '--trust', policy)).code).toBe(1);
    expect((await run(folder, '--trust', policy)).code).toBe(1);
    expect((await run(good, '--trust', policy, '--known', join(folder, 'none.note'))).code).toBe(1);
  });

  it('E1: 2 for no trust file or a bad one, and for a call that is not clear', async () => {
    const two = file('two', `log ${new TestKey(1).vkey}\nlog ${new TestKey(2).vkey}\nquorum none\n`);
    for (const argv of [
      [good],
      [good, '--trust', join(folder, 'none')],
      [good, '--trust', two],
      [good, '--trust', file('empty', '')],
      ['--trust', policy],
      [good, good, '--trust', policy],
      [good, '--trust', policy, '--trust', policy],
      [good, '--trust', policy, '--require', 'more'],
      [good, '--trust', policy, '--max-age', '-1'],
      [good, '--trust', policy, '--unknown'],
      [good, '--trust'],
      [good, '--trust', policy, '--tsa', policy],
    ])
      expect((await run(...argv)).code, argv.join(' ')).toBe(2);
  });

  it('L10.2: 3 for INVALID with code, file and number; 5 where the verdict is not enough', async () => {
    const bytes = readFileSync(good);
    bytes[bytes.indexOf('item.opened')] = 0x78;
    const { code, out } = await run(file('bad.custos.tar', bytes), '--trust', policy);
    expect(code).toBe(3);
    expect(out).toMatch(/FAILED [A-Z_]+ \([a-z]+/);
    expect((await run(good, '--trust', policy, '--require', 'witnessed')).code).toBe(5);
    expect((await run(good, '--trust', policy, '--max-age', '0')).code).toBe(Date.now() > log.at ? 5 : 0);
  });

  it('B2: 6 for DIVERGED, with both notes written out', async () => {
    const forged = new TestLog();
    for (const entry of log.shapes.slice(1)) {
      if (entry.kind === 'seal') forged.seal();
      else
        forged.add(
          entry.kind,
          entry.subjects.map((link) => link.id),
          {},
          {},
          entry.actor,
        );
    }
    const known = file('known.note', forged.note());
    const evidence = join(folder, 'evidence');
    const { code, err } = await run(good, '--trust', policy, '--known', known, '--evidence', evidence);
    expect(code).toBe(6);
    expect(err).toContain(evidence);
    await run(good, '--trust', policy, '--known', known, '--evidence', evidence);
    expect(readdirSync(evidence)).toEqual(['1', '2']);
    const names = readdirSync(join(evidence, '1'));
    expect(names).toHaveLength(3);
    const kept = names
      .filter((name) => name.endsWith('.note'))
      .map((name) => readFileSync(join(evidence, '1', name), 'utf8'));
    expect(kept.toSorted()).toEqual([forged.note(), log.note()].toSorted());
  });
});

describe('the folder', () => {
  it('L10.1: src/verify copied away runs by itself, writes nothing, and imports nothing of ours', () => {
    const away = join(folder, 'away');
    cpSync('src/verify', join(away, 'verify'), { recursive: true });
    writeFileSync(join(away, 'package.json'), '{"type":"module"}');
    symlinkSync(join(process.cwd(), 'node_modules'), join(away, 'node_modules'));
    const before = readdirSync(away);
    const out = execFileSync(process.execPath, [join(away, 'verify/main.ts'), good, '--trust', policy], {
      cwd: away,
      env: { LANG: 'zh_CN.UTF-8' },
    }).toString();
    expect(out).toContain('SIGNED');
    expect(out).toContain('指纹');
    expect(readdirSync(away)).toEqual(before);
  });

  it('L10.1: only the two outermost files touch Node, and only libsodium comes from outside', () => {
    for (const name of readdirSync('src/verify')) {
      const text = readFileSync(join('src/verify', name), 'utf8');
      const imported = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1] ?? '');
      for (const from of imported) {
        if (from.startsWith('node:')) expect(name).toBe('node.ts');
        else if (!from.startsWith('./')) expect([name, from]).toEqual(['sodium.ts', 'libsodium-wrappers']);
      }
      if (name !== 'node.ts' && name !== 'main.ts')
        expect(text).not.toMatch(/\b(?:process|Buffer|fetch|WebSocket)\b[.(]/);
    }
  });
});
