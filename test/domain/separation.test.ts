import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Office, offices, separatedOffices } from '../../src/domain/people.ts';
import { separationBroken } from '../../src/domain/separation.ts';

const content: readonly Office[] = ['requester', 'approver', 'custodian'];

describe('separated offices', () => {
  for (const held of separatedOffices) {
    for (const wanted of separatedOffices.filter((office) => office !== held)) {
      it(`R54: ${held} cannot also become ${wanted}`, () => {
        expect(separationBroken([held], wanted)).toBe('R54');
      });
    }
    for (const wanted of content) {
      it(`R55: ${held} cannot become ${wanted}, nor ${wanted} become ${held}`, () => {
        expect(separationBroken([held], wanted)).toBe('R55');
        expect(separationBroken([wanted], held)).toBe('R55');
      });
    }
    it(`R54: ${held} may be ${held} at another centre too`, () => {
      expect(separationBroken([held], held)).toBeNull();
    });
  }

  it('R54: the offices that touch content may be held together', () => {
    for (const wanted of content) expect(separationBroken(content, wanted)).toBeNull();
  });

  it('I17: no order of assignments ever joins two separated offices, or one with an office of content', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...offices), { maxLength: 12 }), (wanted) => {
        const held: Office[] = [];
        for (const office of wanted) if (!separationBroken(held, office)) held.push(office);
        const kinds = new Set(held);
        const separated = [...kinds].filter((office) => separatedOffices.includes(office));
        expect(separated.length).toBeLessThanOrEqual(1);
        if (separated.length === 1) expect(kinds.size).toBe(1);
      }),
    );
  });
});
