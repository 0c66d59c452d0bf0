// Loaded before Newman. Makes the target's credential a variable of the run, by its own name, and lets a collection that
// says nothing of authentication use it. Neither the command line that others see nor any file holds its value.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const {
  SECPLAN_AUTH_TYPE: type,
  SECPLAN_AUTH_SECRET: name,
  SECPLAN_AUTH_HEADER: header,
  SECPLAN_AUTH_USERNAME: username,
} = process.env;
const at = process.argv.indexOf('run') + 1;
if (isMainThread && name !== undefined && at > 0) {
  process.argv.push('--env-var', `${name}=${(process.env[name] ?? '').trim()}`);
  const collection = JSON.parse(readFileSync(process.argv[at], 'utf8'));
  if (collection?.info !== undefined && !says(collection)) {
    const file = join(process.env.TMPDIR ?? '/tmp', 'collection.json');
    writeFileSync(file, JSON.stringify({ ...collection, auth: auth() }));
    process.argv[at] = file;
  }
}

/** Whether a collection, folder or request chooses its own authentication. */
function says(node, depth = 0) {
  if (typeof node !== 'object' || node === null || depth > 50) return false;
  if (node.auth || node.request?.auth) return true;
  return Array.isArray(node.item) && node.item.some((item) => says(item, depth + 1));
}

function auth() {
  const members = (values) => Object.entries(values).map(([key, value]) => ({ key, value, type: 'string' }));
  const value = `{{${name}}}`;
  if (type === 'basic') return { type, basic: members({ username: username ?? '', password: value }) };
  if (type === 'bearer') return { type, bearer: members({ token: value }) };
  return { type: 'apikey', apikey: members({ key: header, value, in: 'header' }) };
}
