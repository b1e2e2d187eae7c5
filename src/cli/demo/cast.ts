/** The people of the demonstration. None of them exists. */
import type { ItemClass } from '../../domain/item.ts';
import type { Office } from '../../domain/people.ts';

export interface Part {
  readonly account: string;
  readonly name: string;
  readonly home: string;
  readonly place: 'county' | 'east' | 'west' | 'south';
  readonly offices: readonly Office[];
  readonly unit?: boolean;
  /** Leads the unit rather than the centre. */
  readonly leadsUnit?: boolean;
  readonly clearance: ItemClass;
}

export const countyName = '龙泉县社会治理中心';
export const townNames = { east: '东溪镇综治中心', west: '西溪镇综治中心', south: '南塘镇综治中心' } as const;
export const unitName = '值班室';

export const agreementText = [
  '保密协议',
  '一、未经批准,不查看、不复制、不外借、不转述监控录像和文件资料。',
  '二、不以工作以外的目的使用监控系统;发现不当使用,立即报告。',
  '三、调离岗位时交回全部材料,配合更换口令与用户名,并继续承担保密义务。',
  '',
  'Confidentiality agreement: what is seen here is not copied, lent or told without approval; the system serves the work alone; whoever leaves hands everything back and stays bound.',
].join('\n');

/** One password a person, so that nobody could sign in as two. */
export const passwordOf = (account: string): string =>
  `plum rain on old tiles, ${[...account].reverse().join('')}`;

export const founders = {
  systemAdministrator: { name: '钱立新', home: '县大数据中心', account: 'qian' },
  securityOfficer: { name: '孙卫国', home: '县保密局', account: 'sun' },
  auditor: { name: '周明', home: '县审计局', account: 'zhou' },
} as const;

export const cast: readonly Part[] = [
  {
    account: 'wu',
    name: '吴秀英',
    home: '县公安局',
    place: 'county',
    offices: ['custodian'],
    clearance: 'sensitive',
  },
  {
    account: 'zheng',
    name: '郑建国',
    home: '县委政法委',
    place: 'county',
    offices: ['approver'],
    clearance: 'sensitive',
  },
  {
    account: 'feng',
    name: '冯志强',
    home: '县委政法委',
    place: 'county',
    offices: ['approver'],
    clearance: 'sensitive',
  },
  {
    account: 'chen',
    name: '陈慧',
    home: '县司法局',
    place: 'county',
    offices: ['requester'],
    unit: true,
    clearance: 'sensitive',
  },
  {
    account: 'jiang',
    name: '蒋文',
    home: '县司法局',
    place: 'county',
    offices: ['approver'],
    unit: true,
    leadsUnit: true,
    clearance: 'sensitive',
  },
  {
    account: 'shen',
    name: '沈兰',
    home: '东溪派出所',
    place: 'east',
    offices: ['custodian'],
    clearance: 'restricted',
  },
  {
    account: 'han',
    name: '韩东',
    home: '东溪镇政府',
    place: 'east',
    offices: ['approver'],
    clearance: 'restricted',
  },
  {
    account: 'yang',
    name: '杨柳',
    home: '东溪镇政府',
    place: 'east',
    offices: ['approver'],
    clearance: 'restricted',
  },
  {
    account: 'zhu',
    name: '朱琳',
    home: '东溪司法所',
    place: 'east',
    offices: ['requester'],
    clearance: 'restricted',
  },
  {
    account: 'qin',
    name: '秦川',
    home: '西溪镇政府',
    place: 'west',
    offices: ['approver'],
    clearance: 'ordinary',
  },
  {
    account: 'you',
    name: '尤佳',
    home: '西溪派出所',
    place: 'west',
    offices: ['custodian'],
    clearance: 'ordinary',
  },
  {
    account: 'xu',
    name: '许诺',
    home: '南塘镇政府',
    place: 'south',
    offices: ['requester'],
    clearance: 'ordinary',
  },
];
