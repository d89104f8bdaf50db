import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUsersItemsAudit1764000000000 implements MigrationInterface {
  name = 'CreateUsersItemsAudit1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
        username text NOT NULL,
        username_key text NOT NULL,
        email text NOT NULL,
        email_key text NOT NULL,
        email_verified boolean NOT NULL DEFAULT false,
        password_hash text NOT NULL,
        roles text[] NOT NULL DEFAULT '{user}',
        is_active boolean NOT NULL DEFAULT true,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE UNIQUE INDEX users_username_key_unique ON users (username_key)');
    await runner.query('CREATE UNIQUE INDEX users_email_key_unique ON users (email_key)');
    await runner.query('CREATE INDEX users_created_at_idx ON users (created_at, id)');

    await runner.query(`
      CREATE TABLE items (
        id uuid NOT NULL CONSTRAINT items_pkey PRIMARY KEY,
        owner_id uuid NOT NULL CONSTRAINT items_owner_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        title text COLLATE "C" NOT NULL,
        description text,
        price numeric(12, 2) NOT NULL CONSTRAINT items_price_check CHECK (price >= 0),
        quantity integer NOT NULL DEFAULT 0 CONSTRAINT items_quantity_check CHECK (quantity >= 0),
        status text NOT NULL DEFAULT 'draft'
          CONSTRAINT items_status_check CHECK (status IN ('draft', 'active', 'archived')),
        tags text[] NOT NULL DEFAULT '{}',
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        deleted_at timestamptz(3)
      )`);
    // One index for each order of the list, so that every page is found and not sorted.
    for (const column of ['created_at', 'updated_at', 'title', 'price']) {
      await runner.query(
        `CREATE INDEX items_owner_${column}_idx ON items (owner_id, ${column}, id) WHERE deleted_at IS NULL`,
      );
    }

    await runner.query(`
      CREATE TABLE audit_events (
        id uuid NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
        type text NOT NULL,
        actor_id uuid,
        subject_id uuid,
        ip text,
        user_agent text,
        request_id text,
        details jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX audit_events_created_at_idx ON audit_events (created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_events');
    await runner.query('DROP TABLE items');
    await runner.query('DROP TABLE users');
  }
}
