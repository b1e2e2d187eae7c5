import { describe, expect, it } from 'vitest';
import { classesAboveCeiling, classWithinCeiling } from '../../src/domain/ceiling.ts';
import { classReaches, itemClasses } from '../../src/domain/item.ts';
import { plainMediaType, typeIsAsClaimed } from '../../src/domain/media-type.ts';

describe('the ceiling', () => {
  it.each(itemClasses)('R63: %s is within the ceiling', (itemClass) => {
    expect(classWithinCeiling(itemClass, ['门口摄像机', '保密室值班记录'])).toBe(itemClass);
  });

  it.each(classesAboveCeiling)('R63: %s is above the ceiling', (declared) => {
    expect(classWithinCeiling(declared, [])).toBe('above');
  });

  it.each(['机密★10年', '绝密 ★', '秘密☆长期', '会议记录 秘密*5年'])(
    'R63: words that bear the mark %s are above the ceiling whatever class was declared',
    (words) => expect(classWithinCeiling('ordinary', ['标题', words])).toBe('above'),
  );

  it('R63: classes are ordered, and each reaches itself', () => {
    expect(classReaches('sensitive', 'restricted')).toBe(true);
    expect(classReaches('restricted', 'restricted')).toBe(true);
    expect(classReaches('ordinary', 'restricted')).toBe(false);
  });
});

describe('media types', () => {
  it.each([
    ['video/mp4', 'video/mp4', true],
    ['VIDEO/MP4; codecs="avc1"', 'video/mp4', true],
    ['image/jpg', 'image/jpeg', true],
    ['', 'video/mp4', true],
    ['application/octet-stream', 'video/mp4', true],
    ['not a type', 'video/mp4', true],
    ['image/png', 'text/html', false],
    ['video/mp4', 'application/octet-stream', false],
  ])('S10: a file claimed as %j and found as %s is as claimed: %s', (claimed, found, expected) => {
    expect(typeIsAsClaimed(claimed, found)).toBe(expected);
  });

  it('S10: what is no media type is none', () => {
    expect(plainMediaType('video/mp4\r\nx: y')).toBe('');
    expect(plainMediaType('<script>')).toBe('');
  });
});
