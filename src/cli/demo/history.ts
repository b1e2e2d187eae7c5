/**
 * Thirty days in four centres: footage taken in, applied for, approved, returned, denied, withdrawn, watched, given
 * up and revoked, and a few matters left open for whoever looks at the demonstration.
 */
import { approveApplication } from '../../acts/application/approve-application.ts';
import { createApplication } from '../../acts/application/create-application.ts';
import { denyApplication } from '../../acts/application/deny-application.ts';
import { returnApplication } from '../../acts/application/return-application.ts';
import { submitApplication } from '../../acts/application/submit-application.ts';
import { withdrawApplication } from '../../acts/application/withdraw-application.ts';
import { closeViewing } from '../../acts/grant/close-viewing.ts';
import { openViewing } from '../../acts/grant/open-viewing.ts';
import { relinquishGrant } from '../../acts/grant/relinquish-grant.ts';
import { revokeGrant } from '../../acts/grant/revoke-grant.ts';
import type { ApplicationId, GrantId, ItemId } from '../../domain/ids.ts';
import type { Part } from './cast.ts';
import type { Centres } from './people.ts';
import type { Footage, Stage } from './stage.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What becomes of an application, and how its grant ends. */
type Course =
  | 'watched'
  | 'relinquished'
  | 'revoked'
  | 'denied'
  | 'returned'
  | 'withdrawn'
  | 'granted'
  | 'open';

interface Scene {
  /** Day of the thirty, from 0. */
  readonly day: number;
  readonly place: 'county' | 'east';
  readonly title: string;
  readonly source: string;
  readonly at: string;
  readonly class: Footage['class'];
  readonly asked?: { readonly purpose: string; readonly code: string; readonly course: Course };
}

const scene = (
  onDay: number,
  place: Scene['place'],
  title: string,
  source: string,
  at: string,
  asked?: Scene['asked'],
  itemClass: Footage['class'] = 'ordinary',
): Scene => ({ day: onDay, place, title, source, at, class: itemClass, ...(asked ? { asked } : {}) });

const asked = (code: string, purpose: string, course: Course) => ({ code, purpose, course });

/** Who asks, who leads the unit, who decides, who keeps, by place. */
const players = {
  county: { requester: 'chen', leaders: ['zheng', 'feng'], unitLeader: 'jiang', custodian: 'wu' },
  east: { requester: 'zhu', leaders: ['han', 'yang'], unitLeader: '', custodian: 'shen' },
} as const satisfies Partial<Record<Part['place'], unknown>>;

const scenes: readonly Scene[] = [
  scene(
    1,
    'county',
    '人民路口 早高峰',
    '人民路口 1 号机',
    '人民路口',
    asked('traffic-incident', '核查 2 日早晨两车剐蹭经过', 'watched'),
  ),
  scene(
    3,
    'east',
    '东溪桥头 夜间',
    '桥头 2 号机',
    '东溪桥头',
    asked('lost-property', '协助寻找遗失的公文包', 'relinquished'),
  ),
  scene(
    5,
    'county',
    '信访接待大厅',
    '大厅 3 号机',
    '县信访大厅',
    asked('dispute', '还原接待大厅纠纷过程', 'denied'),
    'restricted',
  ),
  scene(
    7,
    'county',
    '滨河公园 步道',
    '公园 5 号机',
    '滨河公园',
    asked('missing-person', '寻找走失老人', 'watched'),
  ),
  scene(9, 'east', '镇政府大院', '大院 1 号机', '东溪镇政府', asked('other', '查看车辆进出', 'returned')),
  scene(
    11,
    'county',
    '汽车站 候车厅',
    '候车厅 2 号机',
    '县汽车站',
    asked('missing-person', '核查走失儿童最后出现位置', 'revoked'),
  ),
  scene(
    13,
    'county',
    '学府街 放学时段',
    '学府街 1 号机',
    '学府街',
    asked('traffic-incident', '核查电动车逆行投诉', 'withdrawn'),
  ),
  scene(
    15,
    'east',
    '集贸市场 北门',
    '市场 4 号机',
    '东溪集贸市场',
    asked('dispute', '还原摊位纠纷', 'watched'),
  ),
  scene(18, 'county', '县医院 急诊通道', '急诊 1 号机', '县医院'),
  scene(
    20,
    'county',
    '体育场 散场',
    '体育场 6 号机',
    '县体育场',
    asked('public-order', '评估散场疏导', 'watched'),
  ),
  scene(23, 'east', '防汛值守点', '水库 1 号机', '东溪水库'),
  scene(
    26,
    'county',
    '人民路口 夜间',
    '人民路口 1 号机',
    '人民路口',
    asked('traffic-incident', '核查夜间肇事逃逸线索', 'granted'),
  ),
  scene(
    28,
    'county',
    '开发区 卡口',
    '卡口 9 号机',
    '开发区',
    asked('public-order', '核查货车违停投诉', 'open'),
  ),
  scene(
    29,
    'east',
    '东溪桥头 清晨',
    '桥头 2 号机',
    '东溪桥头',
    asked('lost-property', '寻找遗失电动车', 'open'),
  ),
];

/** Plays the thirty days before `until`; `clips` are what cameras are said to have seen, used in turn. */
export async function seedHistory(
  stage: Stage,
  centres: Centres,
  until: number,
  clips: readonly { readonly file: string; readonly mediaType: string; readonly durationMs: number }[],
): Promise<void> {
  const first = until - 30 * day;
  for (const [index, each] of scenes.entries()) {
    const clip = clips[index % clips.length];
    if (!clip) return;
    const players_ = players[each.place];
    const recordedFrom = first + each.day * day - 5 * hour;
    stage.clock.set(first + each.day * day);
    const footage = {
      file: clip.file,
      mediaType: clip.mediaType,
      title: each.title,
      source: each.source,
      place: each.at,
      class: each.class,
      recordedFrom,
      recordedTo: recordedFrom + clip.durationMs,
    };
    const item = await stage.takeIn(await stage.signIn(players_.custodian), centres[each.place], footage);
    if (each.asked) await play(stage, each, item, each.asked);
  }
}

async function play(
  stage: Stage,
  each: Scene,
  item: ItemId,
  { purpose, code, course }: NonNullable<Scene['asked']>,
) {
  const { clock } = stage;
  const { requester } = players[each.place];
  clock.set(clock.now + 40 * minute);
  const caller = await stage.signIn(requester);
  const terms = {
    kind: 'view',
    items: [{ item }],
    purposeCode: code,
    purposeWords: purpose,
    durationMs: 4 * hour,
  };
  const { application } = await stage.must(createApplication, caller, terms);
  const { termsHash } = await stage.must(submitApplication, caller, { application });
  if (course === 'open') return;
  clock.set(clock.now + 2 * hour);
  if (course === 'withdrawn') {
    await stage.must(withdrawApplication, await stage.signIn(requester), { application });
    return;
  }
  const grant = await decide(stage, each, application, termsHash, course);
  if (!grant || course === 'granted') return;
  clock.set(clock.now + hour);
  await watch(stage, requester, grant, item);
  await end(stage, each, grant, course);
}

/** All the votes that the class asks for, or the one that says no. */
async function decide(
  stage: Stage,
  each: Scene,
  application: ApplicationId,
  termsHash: string,
  course: Course,
) {
  const { leaders, unitLeader } = players[each.place];
  const voters = each.class === 'ordinary' ? [leaders[0]] : [unitLeader, leaders[0]];
  if (course === 'denied' || course === 'returned') {
    const [account] = course === 'denied' || each.class === 'ordinary' ? [leaders[0]] : [unitLeader];
    const caller = await stage.signIn(account);
    const act = course === 'denied' ? denyApplication : returnApplication;
    await stage.stepUp(account, caller, act.name, termsHash);
    const reason = course === 'denied' ? '已有书面记录可查,无须调看录像' : '请补充车牌号与大致时间';
    await stage.must(act, caller, {
      application,
      termsHash,
      reasonCode: course === 'denied' ? 'not-needed' : 'incomplete',
      reason,
    });
    return null;
  }
  let grant: GrantId | null = null;
  for (const account of voters) {
    const caller = await stage.signIn(account);
    await stage.stepUp(account, caller, 'approve-application', termsHash);
    ({ grant } = await stage.must(approveApplication, caller, { application, termsHash }));
  }
  return grant;
}

async function watch(stage: Stage, requester: string, grant: GrantId, item: ItemId): Promise<void> {
  const caller = await stage.signIn(requester);
  const { viewing } = await stage.must(openViewing, caller, { grant, item });
  stage.clock.set(stage.clock.now + 20_000);
  await stage.must(closeViewing, caller, { viewing, secondsWatched: 8, bytes: 0 });
}

async function end(stage: Stage, each: Scene, grant: GrantId, course: Course): Promise<void> {
  const { requester, leaders } = players[each.place];
  if (course === 'relinquished') await stage.must(relinquishGrant, await stage.signIn(requester), { grant });
  if (course !== 'revoked') return;
  const words = { reasonCode: 'purpose-met', reason: '走失儿童已找到,停止查看' };
  await stage.must(revokeGrant, await stage.signIn(leaders[0]), { grant, ...words });
}
