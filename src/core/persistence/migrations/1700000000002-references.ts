import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Brands, the images they are known by, and a counter per kind of reference that grows with every change: what a worker puts on its
 * tasks, so that analyzers notice. Removed brands and images stay, to be brought back.
 */
export class References1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE brands (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  colour text CHECK (colour ~ '^#[0-9a-f]{6}$'),
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX brands_name_live ON brands (lower(name)) WHERE deleted_at IS NULL;

-- original: the bytes as they came, to be read again when reading gets better. png: what analyzers see, trimmed, straight alpha.
-- descriptor: a small likeness, for telling duplicates. icon_slug, and stream_id to box: where an image came from, by its source.
CREATE TABLE reference_images (
  id uuid PRIMARY KEY,
  brand_id uuid NOT NULL REFERENCES brands(id),
  variant text NOT NULL CHECK (length(variant) BETWEEN 1 AND 60),
  source text NOT NULL CHECK (source IN ('upload','icon','frame')),
  media_type text NOT NULL,
  original bytea NOT NULL,
  png bytea NOT NULL,
  width_px int NOT NULL CHECK (width_px > 0),
  height_px int NOT NULL CHECK (height_px > 0),
  has_alpha boolean NOT NULL,
  background_removed boolean NOT NULL,
  sha256 bytea NOT NULL,
  descriptor bytea NOT NULL,
  icon_slug text,
  stream_id uuid REFERENCES streams(id),
  epoch_id uuid REFERENCES epochs(id),
  pts_us bigint,
  box jsonb,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  CHECK ((source = 'icon') = (icon_slug IS NOT NULL)),
  CHECK ((source = 'frame') = (stream_id IS NOT NULL AND epoch_id IS NOT NULL AND pts_us IS NOT NULL AND box IS NOT NULL))
);
CREATE INDEX reference_images_brand ON reference_images (brand_id, created_at) WHERE deleted_at IS NULL;

CREATE TABLE reference_revisions (
  kind text PRIMARY KEY,
  revision bigint NOT NULL
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reference_revisions, reference_images, brands');
  }
}
