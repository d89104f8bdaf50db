import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { mustRun, root, run, tools, type Finished } from './run.js';

interface Probe {
  readonly httpGet?: { path: string };
  readonly failureThreshold: number;
  readonly periodSeconds: number;
}
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly envFrom?: object[];
  readonly securityContext?: object;
  readonly resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle?: { preStop: { sleep: { seconds: number } } };
}
export interface PodSpec {
  readonly containers: Container[];
  readonly initContainers?: Container[];
  readonly securityContext?: object;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly topologySpreadConstraints: { topologyKey: string; whenUnsatisfiable: string; matchLabelKeys: string[] }[];
}
interface NetworkRule {
  readonly ports: { port: string | number; protocol?: string }[];
}
/** What the tests look into, of whatever kind the object is. */
interface Spec {
  readonly selector: { matchLabels: Record<string, string> };
  readonly template?: {
    metadata: { labels: Record<string, string>; annotations: Record<string, string> };
    spec: PodSpec;
  };
  readonly policyTypes: string[];
  readonly podSelector: { matchExpressions: { values: string[] }[] };
  readonly ingress: NetworkRule[];
  readonly egress: NetworkRule[];
}
/** A Kubernetes object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  readonly spec: Spec;
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
}

export const chart = join(root, 'helm/mainstay');
export const scenarios = readdirSync(join(chart, 'ci')).map((file) => file.replace('-values.yaml', ''));

/** The least that the chart asks for. */
export const least = ['--set', 'image.repository=registry.example.com/mainstay', '--set', 'secrets.existingSecret=s'];

export function helm(...args: string[]): Finished {
  return run(join(tools, 'bin/helm'), args);
}

export const valuesOf = (scenario: string): string[] => ['--values', join(chart, `ci/${scenario}-values.yaml`)];

export function renderText(...args: string[]): string {
  return mustRun(join(tools, 'bin/helm'), ['template', 'demo', chart, '--namespace', 'apps', ...args]);
}

export function render(...args: string[]): KubeObject[] {
  return parseAllDocuments(renderText(...args))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** The one object of a kind. @throws Error unless there is exactly one */
export function only(objects: readonly KubeObject[], kind: string): KubeObject {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} objects of kind ${kind}`);
  return found[0];
}

export const kindsOf = (objects: readonly KubeObject[]): string[] => objects.map((object) => object.kind);

/** The pod that an object makes or is. */
export function podOf({
  kind,
  metadata,
  spec,
}: KubeObject): { labels?: Record<string, string>; spec: PodSpec } | undefined {
  if (kind === 'Pod') return { labels: metadata.labels, spec: spec as unknown as PodSpec };
  return spec?.template?.spec && { labels: spec.template.metadata.labels, spec: spec.template.spec };
}

/** Every pod, hook and trial pods included. */
export function podsOf(objects: readonly KubeObject[]): { name: string; spec: PodSpec }[] {
  return objects.flatMap((object) => {
    const pod = podOf(object);
    return pod ? [{ name: `${object.kind} ${object.metadata.name}`, spec: pod.spec }] : [];
  });
}

/** The Deployment's pod. */
export function appPod(objects: readonly KubeObject[]): PodSpec {
  return podOf(only(objects, 'Deployment'))!.spec;
}

export const containersOf = (spec: PodSpec): Container[] => [...(spec.initContainers ?? []), ...spec.containers];
