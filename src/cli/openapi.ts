/** `custos openapi`: the API's document, from the routes themselves. */
import type { Command } from 'commander';
import type { Doors } from '../api/doors.ts';
import { openApi } from '../api/openapi.ts';
import { doorDefaults } from '../api/settings.ts';
import { createApp } from '../app.ts';
import { settingOf } from './setting.ts';

export function printOpenApi(_wish: object, command: Command): void {
  const { talk } = settingOf(command);
  const settings = { ...doorDefaults, hosts: [], origins: [], tls: true };
  // The document is made by entering the routes; none of them runs here, so they are given nothing to run with.
  const document = openApi(createApp({ settings, deps: {} } as unknown as Doors));
  talk.data([JSON.stringify(document, null, 2)], document);
}
