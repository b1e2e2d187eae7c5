/** Attacks on what was erased: nothing erased comes back, and nothing is called erased that is not (L13 I). */
import { describe, expect, it } from 'vitest';
import { built, change, full, lines, refused, replace } from './attack.ts';
import { item, logExport, person, type Scope, TestLog } from './build-package.ts';

describe('I: erasure', () => {
  /** Entry 1 has two private fields; `erase` names them, or not. */
  function erasing(
    targets: { names: string[]; seq: number }[],
    subjects = [item(1), person(1), person(5)],
  ): TestLog {
    const log = new TestLog();
    log.add('item.opened', [item(1), person(1)], {}, { reason: 'r', title: 't' });
    log.add('item.opened', [item(1), person(1)], {}, { reason: 'kept' });
    if (targets.length > 0) log.add('erased', subjects, { basis: 'retention', targets }, {}, person(5));
    logExport(log, { kind: 'subject', id: item(1) });
    return log;
  }
  const scopes: Scope[] = [full, { kind: 'subject', id: item(1) }];

  it('I1: a value that is gone without `erased` is INVALID, and fine with it', () => {
    for (const scope of scopes) {
      refused(built(erasing([]), { scope, fields: ['1/title'] }), 'DISCLOSURE_MISSING');
      const { report } = built(erasing([{ names: ['title'], seq: 1 }]), { scope, fields: ['1/title'] });
      expect(report.verdict).toBe('SIGNED');
      expect(report.privateFields.erased).toBe(1);
    }
  });

  it('I1: an `erased` for another field, another entry, a later entry or without its subjects is INVALID', () => {
    for (const scope of scopes) {
      for (const target of [
        { names: ['reason'], seq: 1 },
        { names: ['title'], seq: 2 },
        { names: ['title'], seq: 3 },
      ])
        refused(built(erasing([target]), { scope, fields: ['1/title'] }));
      const narrow = erasing([{ names: ['title'], seq: 1 }], [item(1), person(5)]);
      refused(built(narrow, { scope, fields: ['1/title'] }), 'ERASURE_SUBJECTS');
    }
  });

  it('I1: an `erased` that was forged into the package is INVALID', () => {
    const log = erasing([]);
    const erased = erasing([{ names: ['title'], seq: 1 }]).entries[3]!.bytes.toString();
    for (const scope of scopes)
      refused(
        built(log, {
          scope,
          fields: ['1/title'],
          bend: change(
            '.entries',
            lines((all) => all.with(-1, erased)),
          ),
        }),
      );
  });

  it('I1: a value put back changed is INVALID', () => {
    const log = erasing([{ names: ['title'], seq: 1 }]);
    for (const scope of scopes)
      refused(
        built(log, { scope, bend: change('.disclosed', replace('"value":"t"', '"value":"T"')) }),
        'DISCLOSURE_COMMITMENT',
      );
  });

  it('L9: a package that promises to disclose nothing, and does, is INVALID', () => {
    const log = erasing([]);
    refused(
      built(log, { scope: full, promise: (document) => Object.assign(document, { disclose: 'none' }) }),
      'DISCLOSURE_UNEXPECTED',
    );
    expect(built(log, { scope: full, disclose: 'listed', fields: ['1/title'] }).report.privateFields).toEqual(
      {
        disclosed: 1,
        erased: 0,
        withheld: 2,
      },
    );
  });
});
