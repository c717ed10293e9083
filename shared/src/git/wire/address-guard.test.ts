import { describe, expect, it } from 'vitest';
import { addressJudge } from './address-guard.ts';
import { clusterRanges } from './address-range.ts';

const judge = addressJudge({
  loopbackHosts: new Set(['localhost']),
  deniedRanges: ['10.96.0.0/12', 'fd12::/16'],
});

describe('clusterRanges', () => {
  const clusters = addressJudge({ loopbackHosts: new Set(['127.0.0.1']), deniedRanges: clusterRanges });

  it.each([
    ['kubernetes.default of kubeadm, kind and minikube', '10.96.0.1'],
    ['a pod of kind', '10.244.1.7'],
    ['a pod of k3s', '10.42.3.4'],
    ['kubernetes.default of k3s', '10.43.0.1'],
    ['a pod of OpenShift', '10.131.255.254'],
    ['kubernetes.default of OpenShift', '172.30.0.1'],
    ['kubernetes.default of EKS', '10.100.0.1'],
    ['the same, where nodes are in 10.0.0.0/8', '172.20.0.1'],
    ['a Service of GKE', '34.118.225.1'],
    ['kubernetes.default of kind on IPv6', 'fd00:10:96::1'],
  ])('hold %s: %s', (_what, address) => {
    expect(clusters('git.example.org', address)).toContain('denied range');
  });

  it.each([
    '10.0.0.7',
    '10.95.255.255',
    '172.17.0.2',
    '172.18.0.3',
    '192.168.1.1',
    '93.184.216.34',
    '127.0.0.1',
  ])('leave %s to a Git server', (address) => {
    expect(clusters(address, address)).toBeUndefined();
  });
});

describe('addressJudge', () => {
  it.each(['93.184.216.34', '10.0.0.7', '192.168.1.1', '2606:2800:220::1', '64:ff9b::93.184.216.34'])(
    'allows %s',
    (address) => {
      expect(judge('git.example.org', address)).toBeUndefined();
    },
  );

  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['10.96.0.1', 'denied range'],
    ['fd12::1', 'denied range fd12::/16'],
    ['::ffff:10.96.0.1', 'denied range'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['64:ff9b::169.254.169.254', 'link-local'],
    ['64:ff9b:1::169.254.169.254', 'link-local'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['64:ff9b::a60:1', 'denied range'],
    ['64:ff9b::168.63.129.16', 'metadata address of Azure'],
    ['fd00:ec2::254', 'metadata address of Amazon'],
    ['fd20:ce::254', 'metadata address of Google'],
    ['168.63.129.16', 'metadata address of Azure'],
    ['100.100.100.200', 'metadata address of Alibaba'],
    ['192.0.0.192', 'metadata address of Oracle'],
  ])('denies %s: %s', (address, why) => {
    expect(judge('git.example.org', address)).toContain(why);
  });

  it('allows loopback to a listed host, and still no link-local address', () => {
    expect(judge('localhost', '127.0.0.1')).toBeUndefined();
    expect(judge('localhost', '169.254.169.254')).toContain('link-local');
  });

  it.each(['10.96.0.0', '10.96.0.0/33', 'x/8', '10.0.0.0/', '10.0.0.0/8/8', ''])(
    'refuses %j as a range',
    (range) => {
      expect(() => addressJudge({ loopbackHosts: new Set(), deniedRanges: [range] })).toThrow(
        'is not an address range',
      );
    },
  );
});
