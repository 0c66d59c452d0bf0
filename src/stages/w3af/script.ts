import type { CommandTarget } from '../contract/target.ts';
import { textDetail } from '../families/http/http-auth.ts';

const AUDITS = [
  ...['blind_sqli', 'cors_origin', 'csrf', 'deserialization', 'eval', 'format_string', 'global_redirect'],
  ...['ldapi', 'lfi', 'mx_injection', 'os_commanding', 'redos', 'response_splitting', 'rfd', 'shell_shock'],
  ...['sqli', 'ssi', 'un_ssl', 'xpath', 'xss', 'xst', 'xxe'],
];

/** Input of w3af's console, line by line. Nothing that searches the web, uploads files or guesses passwords. Pure. */
export function consoleScript(target: CommandTarget): string {
  const openapi = textDetail(target, 'openapi');
  // A line is a command: no path of a manifest may end one.
  const spec = openapi !== undefined && !/[\r\n]/.test(openapi) ? openapi : undefined;
  return [
    'plugins',
    'output console, xml_file',
    ...['output config xml_file', 'set output_file @OUT@/w3af.xml', 'back'],
    spec === undefined ? 'crawl web_spider' : 'crawl web_spider, open_api',
    ...['crawl config web_spider', 'set only_forward True', 'back'],
    ...(spec === undefined
      ? []
      : ['crawl config open_api', `set custom_spec_location @SOURCE@/${spec}`, 'back']),
    'grep all',
    `audit ${AUDITS.join(', ')}`,
    'back',
    ...['target', 'set target @URL@/', 'back'],
    'start',
    'exit',
  ].join('\n');
}
