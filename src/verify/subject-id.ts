/** Subject ids (custody-log L2.4): two to sixteen letters, a colon, a lower-case UUIDv7; one spelling each. */

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const subject = new RegExp(`^[a-z]{2,16}:${uuid}$`);
const actor = new RegExp(`^(?:person:${uuid}|system:[a-z]{1,16})$`);

/** Whether `id` is the one spelling of a subject id. */
export function isSubjectId(id: unknown): id is string {
  return typeof id === 'string' && subject.test(id);
}

/** Whether `id` may be the actor of an entry. */
export function isActor(id: unknown): id is string {
  return typeof id === 'string' && actor.test(id);
}
