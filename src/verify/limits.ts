/** What a verdict does not prove (custody-log L1, T1–T4). Every report says it; none may leave it out. */

interface Words {
  readonly limits: readonly string[];
  readonly verdicts: Readonly<Record<'INVALID' | 'SIGNED' | 'ANCHORED' | 'WITNESSED' | 'DIVERGED', string>>;
}

export const english: Words = {
  verdicts: {
    INVALID: 'A check failed. Do not rely on this package.',
    SIGNED: 'Every check passes under the pinned key. No outsider speaks for it.',
    ANCHORED: 'Every check passes, and a pinned authority stamped this checkpoint.',
    WITNESSED: 'Every check passes, and the quorum of witnesses cosigned this checkpoint.',
    DIVERGED:
      'The log signed two histories that cannot both be true. Keep the two notes: they are the proof.',
  },
  limits: [
    'T1: whoever can write the database but holds no key cannot have changed what these checks cover.',
    'T2: a signature alone proves nothing against the holder of the key, who could have written another history before anything left the house. Only a witness, a time stamp or a receipt given out in time shows that.',
    'T3: such a copy from outside, given as a known note, turns a rewritten history into the verdict DIVERGED.',
    'T4: witnesses help only as far as a quorum of independent organisations does not collude with the holder of the key.',
    'Times are those the log states; an entry not yet signed can be lost to someone who both writes the database and stops the service.',
    'A pinned key vouches for the keys after it, not for those before: pinned at a later epoch, it shows the first key and who signed the first rotation only in a package that begins with entry 0.',
    'The fingerprint above must be compared with one that reached you by another way than this package.',
  ],
};

export const chinese: Words = {
  verdicts: {
    INVALID: '有检查未通过。请勿依据此导出包。',
    SIGNED: '在固定公钥下全部检查通过;没有外部方为其作证。',
    ANCHORED: '全部检查通过,且受信时间戳机构已为此检查点加盖时间戳。',
    WITNESSED: '全部检查通过,且达到法定数的见证方已共同签署此检查点。',
    DIVERGED: '日志签署了两份不可能同时为真的历史。请保存两份签名记录,它们就是证据。',
  },
  limits: [
    'T1:能写数据库但不持有密钥的人,无法在不被发现的情况下改动上述检查覆盖的内容。',
    'T2:仅凭签名不能约束密钥持有者;在任何内容离开本单位之前,他可以写出另一份历史。只有见证方、时间戳或及时发出的回执才能揭示这一点。',
    'T3:以外部留存的签名记录作为已知记录核对时,被改写的历史会得到 DIVERGED。',
    'T4:只有当法定数的独立机构不与密钥持有者串通时,见证才有作用。',
    '时间是日志自述的时间;尚未签名的条目可能被既能写数据库又能停止服务的人丢弃。',
    '固定公钥只为其后的密钥作证,不为其前的密钥作证:若固定的是较晚时期的公钥,则只有从第 0 条开始的导出包才能显示首个密钥以及首次轮换由谁签署。',
    '上面的指纹必须与通过其他途径得到的指纹核对。',
  ],
};
