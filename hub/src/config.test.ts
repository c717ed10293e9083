import { planStart } from '@flotilla/shared/kit';
import { describe, expect, it } from 'vitest';
import { hubRules, hubSettings } from './config.ts';

const url = '--control-url=https://git.example/fleet.git';

/** The lines that a refused start prints about mistakes. */
async function mistakes(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const help = { usage: '', summary: '' };
  const plan = await planStart(hubSettings, { args, env, help, rules: hubRules });
  return plan.kind === 'refuse'
    ? plan.text
        .split('\n')
        .slice(1, -2)
        .map((text) => text.trim())
    : [];
}

describe('the configuration of a hub', () => {
  it('is good with a control repository alone', async () => {
    expect(await mistakes([url])).toEqual([]);
    const local = [
      '--control-url=http://127.0.0.1:3000/x.git',
      '--plain-http-hosts=127.0.0.1,localhost,[::1]',
    ];
    expect(await mistakes(local)).toEqual([]);
  });

  it('takes a control repository over SSH, with a key', async () => {
    const key = '--control-credential=platform';
    for (const ssh of ['ssh://git@git.example.org:2222/fleet.git', 'git@git.example.org:team/fleet.git']) {
      expect(await mistakes([`--control-url=${ssh}`, key])).toEqual([]);
      expect(await mistakes([`--control-url=${ssh}`])).toEqual([
        'control-url is reached over SSH, and control-credential names no key: give one with ssh-privatekey and known_hosts (flag --control-url)',
      ]);
    }
    expect(await mistakes(['--control-url=ssh://ada:hunter2@git.example.org/x', key])).toEqual([
      'control-url holds a password; over SSH a key is used (flag --control-url)',
    ]);
  });

  it('takes a proxy from the environment that all programs share, and repeats no password of it', async () => {
    expect(await mistakes([url], { HTTPS_PROXY: 'http://ada:hunter2@proxy:3128' })).toEqual([]);
    expect(await mistakes([url], { HTTPS_PROXY: 'socks5://ada:hunter2@proxy' })).toEqual([
      'git-proxy begins with socks5://: only http and https proxies are spoken to (none for no proxy) (environment variable HTTPS_PROXY)',
    ]);
    expect(await mistakes([url, '--git-proxy=none'], { HTTPS_PROXY: 'socks5://proxy' })).toEqual([]);
  });

  it('has all its mistakes told at once, each with where it was written', async () => {
    const args = [
      '--control-url=http://git.example/x',
      '--poll-interval=never',
      '--http-address=0.0.0.0:7440',
    ];
    const env = { FLOTILLA_WEBHOOK_ADDRESS: ':7446', FLOTILLA_PLAIN_HTTP_HOSTS: '127.evil.example' };
    expect(await mistakes([...args, '--advertise-hosts', 'https://hub.example,my_hub'], env)).toEqual([
      expect.stringMatching(/^poll-interval is wrong: .* \(flag --poll-interval\)$/),
      expect.stringMatching(
        /^advertise-hosts has a scheme: "https:.*: write the host without https:\/\/; and .*"my_hub".* \(flag --advertise-hosts\)$/,
      ),
      'http-address 0.0.0.0 is not a loopback address: the API has no users yet, so it stays on this machine; give 127.0.0.1:PORT (flag --http-address)',
      'webhook-address is given without webhook-secret-file: give both or neither (environment variable FLOTILLA_WEBHOOK_ADDRESS)',
      'control-url is plain http to git.example: use https, or for a loopback host list it in plain-http-hosts (flag --control-url)',
      'plain-http-hosts: 127.evil.example is not a loopback host: reach it over https (environment variable FLOTILLA_PLAIN_HTTP_HOSTS)',
    ]);
  });

  it('is judged together only as far as it could be read', async () => {
    const found = await mistakes([url, '--webhook-address=nowhere', '--webhook-secret-file=/x']);
    expect(found).toEqual([expect.stringMatching(/^webhook-address is not HOST:PORT/)]);
  });

  it('needs a host that agents can dial', async () => {
    expect(await mistakes([url, '--advertise-hosts=,'])).toEqual([
      'advertise-hosts is empty: agents need a name to dial (flag --advertise-hosts)',
    ]);
    for (const host of ['0.0.0.0', 'hub.example:7443', 'hub example']) {
      expect(await mistakes([url, `--advertise-hosts=${host}`])).toEqual([
        expect.stringMatching(/^advertise-hosts .*\(flag --advertise-hosts\)$/),
      ]);
    }
  });
});
