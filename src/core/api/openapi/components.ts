import type { z } from 'zod';
import { auditEntryWire } from '../../wire/audit.wire.js';
import * as brands from '../../wire/brands.wire.js';
import * as capacity from '../../wire/capacity.wire.js';
import * as clips from '../../wire/clips.wire.js';
import * as events from '../../wire/events.wire.js';
import { evidenceWire } from '../../wire/evidence.wire.js';
import { streamsExposureWire } from '../../wire/exposure.wire.js';
import * as health from '../../wire/health.wire.js';
import * as models from '../../wire/models.wire.js';
import * as plugins from '../../wire/plugins.wire.js';
import * as queues from '../../wire/queues.wire.js';
import * as people from '../../wire/people.wire.js';
import * as retention from '../../wire/retention.wire.js';
import * as rules from '../../wire/rules.wire.js';
import { publishRefusalWire, sourceAdapterWire } from '../../wire/sources.wire.js';
import * as search from '../../wire/search.wire.js';
import * as strategies from '../../wire/strategies.wire.js';
import { importWire } from '../../wire/imports.wire.js';
import { aboutWire, licenceWire, logEntryWire, roleLogsWire } from '../../wire/system.wire.js';
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
  RotatedKey: wire.rotatedKeyWire,
  SourceAdapter: sourceAdapterWire,
  PublishRefusal: publishRefusalWire,
  Import: importWire,
  Epoch: wire.epochWire,
  Segment: wire.segmentWire,
  Run: wire.runWire,
  Detection: wire.detectionWire,
  Metric: wire.metricWire,
  Event: wire.eventWire,
  Evidence: evidenceWire,
  ListedEvent: events.listedEventWire,
  EventGroup: events.eventGroupWire,
  SearchHit: search.searchHitWire,
  SearchResult: search.searchWire,
  Observation: wire.observationWire,
  Text: textWire,
  Case: clips.caseWire,
  Clip: clips.clipWire,
  Queue: wire.queueWire,
  FailedJob: wire.failedJobWire,
  QueueReport: queues.queueReportWire,
  QueueRun: queues.queueRunWire,
  RetriedRuns: queues.retriedWire,
  Plugin: wire.pluginWire,
  InstalledPlugin: plugins.installedPluginWire,
  PluginDetail: plugins.pluginDetailWire,
  PluginSettingsChange: plugins.settingsChangeWire,
  System: wire.systemWire,
  About: aboutWire,
  Licence: licenceWire,
  LogEntry: logEntryWire,
  RoleLogs: roleLogsWire,
  Health: wire.healthWire,
  Status: wire.statusWire,
  StatusCause: wire.statusCauseWire,
  WallTile: wallTileWire,
  ErrorSpec: wire.errorSpecWire,
  Session: wire.sessionWire,
  CurrentSession: wire.currentSessionWire,
  Token: wire.tokenWire,
  NewToken: wire.newTokenWire,
  Person: people.personWire,
  Invitation: people.invitationWire,
  Invited: people.invitedWire,
  Account: people.accountWire,
  OpenSession: people.openSessionWire,
  AuditEntry: auditEntryWire,
  Brand: brands.brandWire,
  Reference: brands.referenceWire,
  BrandIcon: brands.brandIconWire,
  BrandTrial: brands.brandTrialWire,
  BrandSighting: brands.brandSightingWire,
  Model: models.modelWire,
  Rule: rules.ruleWire,
  Judgement: rules.judgementWire,
  JudgedEvent: rules.judgedEventWire,
  StreamsExposure: streamsExposureWire,
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
