import type { z } from 'zod';
import { auditEntryWire } from '../../wire/audit.wire.js';
import * as brands from '../../wire/brands.wire.js';
import * as capacity from '../../wire/capacity.wire.js';
import { evidenceWire } from '../../wire/evidence.wire.js';
import * as health from '../../wire/health.wire.js';
import * as models from '../../wire/models.wire.js';
import * as retention from '../../wire/retention.wire.js';
import * as rules from '../../wire/rules.wire.js';
import * as strategies from '../../wire/strategies.wire.js';
import { textWire } from '../../wire/texts.wire.js';
import { wallTileWire } from '../../wire/wall.wire.js';
import * as wire from '../../wire/wire.js';

/** Named schemas of the OpenAPI document. */
export const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  Stream: wire.streamWire,
  ListedStream: wire.listedStreamWire,
  StreamHealth: health.streamHealthWire,
  StreamVerdict: health.streamVerdictWire,
  StreamDetail: wire.streamDetailWire,
  NewStream: wire.newStreamWire,
  StreamKey: wire.streamKeyWire,
  NewStreamKey: wire.newStreamKeyWire,
  Epoch: wire.epochWire,
  Segment: wire.segmentWire,
  Run: wire.runWire,
  Detection: wire.detectionWire,
  Metric: wire.metricWire,
  Event: wire.eventWire,
  Evidence: evidenceWire,
  Observation: wire.observationWire,
  Text: textWire,
  Queue: wire.queueWire,
  FailedJob: wire.failedJobWire,
  Plugin: wire.pluginWire,
  System: wire.systemWire,
  Health: wire.healthWire,
  Status: wire.statusWire,
  StatusCause: wire.statusCauseWire,
  WallTile: wallTileWire,
  ErrorSpec: wire.errorSpecWire,
  Session: wire.sessionWire,
  CurrentSession: wire.currentSessionWire,
  Token: wire.tokenWire,
  NewToken: wire.newTokenWire,
  AuditEntry: auditEntryWire,
  Brand: brands.brandWire,
  Reference: brands.referenceWire,
  BrandIcon: brands.brandIconWire,
  Model: models.modelWire,
  Rule: rules.ruleWire,
  Judgement: rules.judgementWire,
  JudgedEvent: rules.judgedEventWire,
  Capacity: capacity.capacityWire,
  Retention: retention.retentionWire,
  StreamRetention: retention.streamRetentionWire,
  Hold: retention.holdWire,
  NewHold: retention.newHoldWire,
  StoragePlace: retention.storagePlaceWire,
  Strategy: strategies.strategyWire,
  Shadow: strategies.shadowWire,
  Problem: wire.problemWire,
  ServerMessage: wire.serverMessage,
  ClientMessage: wire.clientMessage,
};
