import { afterAll, describe, expect, it } from 'vitest';
import { answerDns } from '../../../../src/executor/runtimes/local/network/answer-dns.ts';
import { NameTable } from '../../../../src/executor/runtimes/local/network/name-table.ts';
import { createNetworkRecord } from '../../../../src/executor/runtimes/local/network/network-record.ts';
import { stageNetworkSpec } from '../../../../src/executor/runtimes/local/network/stage-network.ts';
import { mayLeadTo } from '../../../../src/io/private-address.ts';
import { invocationOf, removeInvocations } from '../../../support/invocation.ts';

afterAll(removeInvocations);

describe('where a name may lead', () => {
  const cases: [host: string, address: string, may: boolean][] = [
    ['api.example.org', '203.0.113.5', true],
    ['api.example.org', '2606:4700::1111', true],
    ['api.example.org', '10.0.0.1', false],
    ['api.example.org', '172.31.255.255', false],
    ['api.example.org', '172.32.0.1', true],
    ['api.example.org', '192.168.1.1', false],
    ['api.example.org', '100.64.0.1', false],
    ['api.example.org', '127.0.0.1', false],
    ['api.example.org', '127.9.9.9', false],
    ['api.example.org', '0.0.0.0', false],
    ['api.example.org', '169.254.169.254', false],
    ['api.example.org', '224.0.0.1', false],
    ['api.example.org', '255.255.255.255', false],
    ['api.example.org', '::1', false],
    ['api.example.org', '::', false],
    ['api.example.org', 'fe80::1', false],
    ['api.example.org', 'fd12::1', false],
    ['api.example.org', 'ff02::1', false],
    ['api.example.org', '::ffff:127.0.0.1', false],
    ['api.example.org', '::ffff:7f00:1', false],
    ['api.example.org', '::ffff:203.0.113.5', true],
    ['api.example.org', '64:ff9b::a00:1', false],
    ['api.example.org', '64:ff9b::cb00:7105', true],
    ['api.example.org', '2002:7f00:1::', false],
    ['api.example.org', 'no address', false],
    ['nexus.corp', '10.0.0.1', true],
    ['Nexus.Internal.', 'fd12::1', true],
    ['nexus', '192.168.1.1', true],
    ['nexus.home.arpa', '192.168.1.1', true],
    ['nexus.corp', '127.0.0.1', false],
    ['metadata.google.internal', '169.254.169.254', false],
    ['corp.example.org', '10.0.0.1', false],
    ['localhost', '127.0.0.1', true],
    ['app.localhost', '::1', true],
    ['localhost', '203.0.113.5', false],
    ['notlocalhost', '127.0.0.1', false],
  ];
  it.each(cases)('%s to %s: %s', (host, address, may) => {
    expect(mayLeadTo(host, address)).toBe(may);
  });

  it('a target of the own network may lead there, and never to the machine itself', () => {
    expect(mayLeadTo('staging.example.org', '10.0.0.1', true)).toBe(true);
    expect(mayLeadTo('staging.example.org', '::ffff:10.0.0.1', true)).toBe(true);
    for (const address of ['127.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1'])
      expect(mayLeadTo('staging.example.org', address, true)).toBe(false);
  });
});

describe('the table of names', () => {
  it('gives each name an address and leads its ports', () => {
    const table = new NameTable();
    table.add({
      forwards: [{ host: 'API.', port: 8080, to: { unixSocket: '/s' } }],
      egress: ['one.example', 'one.example:8443', '[::1]:9000', '10.0.0.1:5'],
      inside: ['ONE.example'],
    });
    expect(table.address('one.EXAMPLE.')).toBe('127.0.1.1');
    expect(table.address('api')).toBe('127.0.1.2');
    expect(table.address('two.example')).toBeUndefined();
    expect(table.route('127.0.1.1', 8443)).toMatchObject({ to: { host: 'one.example', port: 8443 } });
    expect(table.route('127.0.1.1', 443)).toMatchObject({ guard: 'private', exact: true });
    expect(table.route('127.0.1.1', 8080)).toBeUndefined();
    expect(table.route('127.0.1.2', 8080)).toMatchObject({ to: { unixSocket: '/s' }, guard: 'none' });
    expect(table.foreignAddresses()).toEqual(['10.0.0.1']);
    expect(table.newWants().map(({ address, port }) => `${address} ${port}`)).toEqual([
      '127.0.1.1 80',
      '127.0.1.1 443',
      '127.0.1.1 8443',
      '::1 9000',
      '10.0.0.1 5',
      '127.0.1.2 8080',
    ]);
    expect(table.newWants()).toEqual([]);
    expect(table.etcHosts()).toBe(
      '127.0.0.1 localhost secplan\n::1 localhost\n127.0.1.1 one.example\n127.0.1.2 api\n',
    );
  });

  it('a pattern listens for every address of its ports, IPv6 apart', () => {
    const table = new NameTable();
    table.add({ forwards: [], egress: ['a.example:443', '10.0.0.1:443', '[::1]:443', '*.b.example:443'] });
    expect(table.newWants().map(({ address, port }) => `${address} ${port}`)).toEqual([
      '0.0.0.0 443',
      '::1 443',
    ]);
    expect(table.foreignAddresses()).toEqual(['10.0.0.1']);
    expect(table.address('x.b.example')).toBe('127.1.0.1');
    expect(table.address('x.b.example')).toBe('127.1.0.1');
    expect(table.route('127.1.0.1', 443)).toMatchObject({ guard: 'public', exact: false });
    // Asked for, never written down: there may be thousands.
    expect(table.etcHosts()).not.toContain('x.b.example');
    for (const name of [
      'b.example',
      'xb.example',
      'x.b.example.evil',
      '.b.example',
      'a..b.example',
      'a b.b.example',
    ])
      expect(table.address(name)).toBeUndefined();
  });

  it('does not grow without end', () => {
    const table = new NameTable();
    table.add({ forwards: [], egress: ['*.b.example'] });
    const given = Array.from({ length: 5000 }, (_, index) => table.address(`n${index}.b.example`));
    expect(given.filter((each) => each !== undefined)).toHaveLength(4096);
    expect(new Set(given).size).toBe(4097);
    const record = createNetworkRecord();
    for (let count = 0; count < 5000; count += 1) {
      record.refused(`n${count}.evil.example`);
      record.failed(`n${count}:1`, 'why', false);
    }
    const report = record.take();
    expect([report.refused.length, report.failed.length]).toEqual([200, 200]);
  });
});

describe('the resolver', () => {
  function query(name: string, type = 1, flags = 0x0100): Buffer {
    const head = Buffer.from([0xab, 0xcd, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 0]);
    const labels = name
      .split('.')
      .map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')]));
    return Buffer.concat([head, ...labels, Buffer.from([0, type >> 8, type & 255, 0, 1])]);
  }
  const refused: string[] = [];
  const ask = (bytes: Uint8Array) => {
    refused.length = 0;
    const answer = answerDns(
      bytes,
      (name) => (name === 'api.example' ? '127.0.1.7' : undefined),
      (name) => refused.push(name),
    );
    return answer === undefined ? undefined : Buffer.from(answer);
  };

  it('answers with the address of an allowed name', () => {
    const answer = ask(query('api.example'));
    expect(answer?.subarray(0, 12).toString('hex')).toBe('abcd81800001000100000000');
    expect(answer?.subarray(-4).join('.')).toBe('127.0.1.7');
    expect(refused).toEqual([]);
  });

  it('knows no other type of it, and no other name', () => {
    expect(ask(query('api.example', 28))?.subarray(0, 12).toString('hex')).toBe('abcd81800001000000000000');
    expect(ask(query('evil.example'))?.subarray(2, 4).toString('hex')).toBe('8183');
    expect(refused).toEqual(['evil.example']);
    // What tools ask for beside addresses is nothing that they would reach.
    expect(ask(query('_srv.evil.example', 33))?.subarray(2, 4).toString('hex')).toBe('8183');
    expect(refused).toEqual([]);
  });

  it('says nothing to what is no query, whatever it is', () => {
    const whole = query('api.example');
    const two = query('api.example');
    two.writeUInt16BE(2, 4);
    const pointer = Buffer.concat([whole.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
    for (const bad of [
      query('api.example', 1, 0x8180),
      query('api.example', 1, 0x2800),
      two,
      pointer,
      Buffer.alloc(600),
    ])
      expect(ask(bad)).toBeUndefined();
    for (let length = 0; length < whole.length; length += 1)
      expect(ask(whole.subarray(0, length))).toBeUndefined();
  });

  it('never throws, on any bytes', () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed >> 8;
    };
    for (let count = 0; count < 3000; count += 1) {
      const bytes = Buffer.from(Array.from({ length: next() % 80 }, () => next() & 255));
      if (count % 2 === 0 && bytes.length > 6) Buffer.from([0, 1, 0, 0, 0, 1]).copy(bytes);
      ask(bytes);
    }
  });
});

it('a target that is a machine of the own network is meant, and is the only one', () => {
  const invocation = invocationOf({
    steps: [],
    stage: { network: { egress: ['cdn.example.org', 'staging.example.org:8443'] } },
    over: { endpoint: 'https://staging.example.org:8443/api' },
  });
  expect(stageNetworkSpec(invocation, false)).toEqual({
    forwards: [],
    egress: ['cdn.example.org', 'staging.example.org:8443'],
    inside: ['staging.example.org'],
  });
});
