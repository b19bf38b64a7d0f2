import { z } from 'zod';
import { durationMs } from './duration.js';

/** How what publishers push, or ffmpeg fetches, becomes segments. */
export const packagingConfig = z
  .strictObject({
    ffmpegPath: z.string().min(1).optional().describe('The ffmpeg program; also `FFMPEG_PATH`. Absent: the one on PATH'),
    segmentDuration: durationMs.prefault('2s').describe('Target length of a segment; real ones end at the next keyframe'),
    fsync: z
      .enum(['never', 'segment'])
      .default('never')
      .describe(
        'When what is recorded is made safe from a power cut: `segment` waits for the disk with each segment, `never` leaves it to the ' +
          'system, mostly some 30 s. A process that is killed loses the last 200 ms in either case',
      ),
    container: z
      .enum(['auto', 'mpegts', 'fmp4'])
      .default('auto')
      .describe(
        'How segments of pushed media are written: `auto` takes MPEG-TS for H.264 with AAC or MP3 and fMP4 for everything else, ' +
          '`mpegts` refuses what it cannot carry (AV1, VP9, Opus)',
      ),
    lowLatency: z
      .boolean()
      .default(false)
      .describe(
        'Low-Latency HLS of pushed media: live playlists name the parts of the segment that is being written (about 300 ms each), and ' +
          'hold requests back until there is more. Only where the API has the media folder of the ingest; elsewhere, and for players ' +
          'that do not know it, HLS is as ever',
      ),
    liveWindowSegments: z.number().int().min(3).max(100).default(6).describe('Segments a live playlist names'),
    silenceTimeout: durationMs
      .prefault('3s')
      .describe(
        'A publisher that sends no media for this long is disconnected; if only its pictures or its sound stop, the stream reports it',
      ),
  })
  .prefault({});
