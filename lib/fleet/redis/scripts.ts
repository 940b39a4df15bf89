import type { createHash } from 'node:crypto';
import { builtinModule } from '../../core/platform';

export interface Script {
  readonly text: string;
  /** Its name for `EVALSHA`; undefined where there is no `node:crypto`, as on edge runtimes. */
  readonly sha: string | undefined;
}

/** The server's clock in microseconds. */
const TIME = `
local time = redis.call('TIME')
local micros = time[1] .. string.format('%06d', time[2])
`;

/**
 * The first two parts of a reply: the time, and which history of writes the server has, which is another one after a restart or a failover; `''` where
 * the user may not know. A replica is no primary's equal: it may lack what was written last.
 */
const MOMENT = `${TIME}
local info = redis.pcall('INFO', 'replication')
if type(info) ~= 'string' then info = '' end
if string.find(info, 'role:slave', 1, true) then return redis.error_reply('READONLY this is a replica') end
local server = string.match(info, 'master_replid:(%w+)') or ''
`;

/** KEYS: of records of one shard. Replies with what is at each after the moment. Not by MGET, to which a key of another type is one that is missing. */
export const READ: Script = /* @__PURE__ */ script(`${MOMENT}
local reply = { micros, server }
for i, key in ipairs(KEYS) do reply[i + 2] = redis.call('GET', key) end
return reply
`);

/**
 * KEYS: of the record. ARGV: the expected revision and server, the latest time in microseconds, the text to write (`''`: none), for how many
 * milliseconds, the channel, the message.
 * Replies with whether it was written, and what is there if not.
 *
 * Redis undoes nothing: what may be refused, a key of another type and a channel that is not allowed, comes before the write.
 */
export const COMPARE_AND_SET: Script = /* @__PURE__ */ script(`${MOMENT}
local stored = redis.call('GET', KEYS[1])
local revision = stored and (string.match(stored, '^(%S+) ') or stored) or ''
if revision ~= ARGV[1] or server ~= ARGV[2] or tonumber(micros) > tonumber(ARGV[3]) then return { micros, server, 0, stored } end
redis.call('PUBLISH', ARGV[6], ARGV[7])
if ARGV[4] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5]) end
return { micros, server, 1 }
`);

/** KEYS: of the heartbeats. ARGV: the process, what it says, for how many milliseconds. A fleet that has gone leaves nothing behind after an hour. */
export const ANNOUNCE: Script = /* @__PURE__ */ script(`${TIME}
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', micros / 1000 + ARGV[3]) .. ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3] + 3600000)
`);

/** KEYS: of the heartbeats. Replies with process, value, process, value … of those that last, and drops the others, where the user may. */
export const MEMBERS: Script = /* @__PURE__ */ script(`${TIME}
local heartbeats, live = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #heartbeats, 2 do
  local till, value = string.match(heartbeats[i + 1], '^(%d+) (.*)$')
  if till and tonumber(till) > micros / 1000 then
    live[#live + 1] = heartbeats[i]
    live[#live + 1] = value
  else
    redis.pcall('HDEL', KEYS[1], heartbeats[i])
  end
end
return live
`);

/** KEYS: any, for a cluster to find a node. ARGV: the channel, the message. */
export const PUBLISH: Script = /* @__PURE__ */ script(`return redis.call('PUBLISH', ARGV[1], ARGV[2])`);

function script(text: string): Script {
  const crypto = builtinModule<{ createHash: typeof createHash }>('node:crypto');
  return { text, sha: crypto?.createHash('sha1').update(text).digest('hex') };
}
