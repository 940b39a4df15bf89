import { createHash } from 'node:crypto';
import { RETENTION_MS } from '../reduce';
import { FOREVER, STALE_MS } from '../shared-store';

/**
 * The machine of a shared breaker in Lua, for Redis to carry out: `reduce`, step by step and with its names. Random commands show that
 * the two are one machine.
 *
 * - KEYS: those of `keysOf`: the record, its votes, its members.
 * - ARGV: the command as JSON; the channel; the breaker, as subscribers are told of it; and, where a test owns time,
 *   microseconds in place of the server's, and a name in place of that of its run.
 *
 * What is read is read first, then subscribers are told, then it is written: Redis undoes nothing, so that a key of another type and
 * a channel that is not allowed must end it before. Numbers are written with 17 digits; `tostring` and `cjson.encode` write
 * fewer than an epoch has.
 */
export const SCRIPT: string = `
local recordKey, votesKey, membersKey = KEYS[1], KEYS[2], KEYS[3]
local command, channel, breaker = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
local FOREVER, STALE_MS, RETENTION_MS = ${FOREVER}, ${STALE_MS}, ${RETENTION_MS}
local seen = command.seen

local micros = tonumber(ARGV[4])
if not micros then
  local time = redis.call('TIME')
  micros = time[1] * 1000000 + time[2]
end
local now = math.floor(micros / 1000)

-- Enough of it to tell two from each other; '' where the user may not know.
local function serverRun()
  if ARGV[5] then return ARGV[5] end
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w%w%w%w%w%w%w%w)') or ''
end

local function text(number) return string.format('%.17g', number) end
local function untilAfter(lasts) return math.min(FOREVER, now + lasts) end
local function remaining(at) return at >= FOREVER and FOREVER or math.max(0, at - now) end
local function nextEpoch(epoch) return math.max(epoch + 1, micros) end

local function count(map)
  local n = 0
  for _ in pairs(map) do n = n + 1 end
  return n
end

-- The record as its hash has it. What has its usual value has no field; fields of later versions are left alone.

local function bucketsFrom(packed)
  local buckets = {}
  for at, calls, failures, slow in string.gmatch(packed, '([^,;]+),([^,;]+),([^,;]+),([^,;]+)') do
    buckets[#buckets + 1] = { at = tonumber(at), calls = tonumber(calls), failures = tonumber(failures), slow = tonumber(slow) }
  end
  return buckets
end

local function packed(buckets)
  local parts = {}
  for i, b in ipairs(buckets) do parts[i] = table.concat({ text(b.at), text(b.calls), text(b.failures), text(b.slow) }, ',') end
  return table.concat(parts, ';')
end

local function recordFrom(fields)
  local function number(field) return tonumber(fields[field]) or 0 end
  local record = {
    epoch = number('ep'), state = fields.st, openUntil = number('un'), reopenings = number('n'), successes = number('ok'),
    quarantineUntil = number('q'), reset = fields.rs == '1', streak = number('sk'), buckets = bucketsFrom(fields.bk or ''),
    name = fields.nm or '', server = fields.sv or '', settings = {}, leases = {},
  }
  if number('ou') > now then record.override = { kind = fields.ov, till = number('ou'), reason = fields['or'] or '' } end
  for i = 1, 2 do
    if number('u' .. i) > now then table.insert(record.settings, { text = fields['c' .. i], till = number('u' .. i) }) end
  end
  for field in pairs(fields) do
    if string.sub(field, 1, 2) == 'l:' and number(field) > now then record.leases[string.sub(field, 3)] = number(field) end
  end
  return record
end

local function fieldsFrom(record)
  local fields = { ep = text(record.epoch), st = record.state, x = text(record.expiresAt) }
  local function put(field, value, usual)
    if value ~= usual then fields[field] = type(value) == 'number' and text(value) or value end
  end
  put('un', record.openUntil, 0)
  put('n', record.reopenings, 0)
  put('ok', record.successes, 0)
  put('q', record.quarantineUntil, 0)
  put('rs', record.reset and '1' or nil, nil)
  put('sk', record.streak, 0)
  put('bk', packed(record.buckets), '')
  put('nm', record.name, '')
  put('sv', record.server, '')
  for i, settings in ipairs(record.settings) do
    fields['c' .. i], fields['u' .. i] = settings.text, text(settings.till)
  end
  for slot, till in pairs(record.leases) do fields['l:' .. slot] = text(till) end
  if record.override then
    fields.ov, fields.ou = record.override.kind, text(record.override.till)
    put('or', record.override.reason, '')
  end
  return fields
end

local OURS = { ep = 1, st = 1, x = 1, un = 1, n = 1, ok = 1, q = 1, rs = 1, sk = 1, bk = 1, nm = 1, sv = 1, c1 = 1, u1 = 1, c2 = 1, u2 = 1, ov = 1, ou = 1, ['or'] = 1 }

-- Reads

local stored, hasRecord = {}, false
local flat = redis.call('HGETALL', recordKey)
for i = 1, #flat, 2 do stored[flat[i]], hasRecord = flat[i + 1], true end
if hasRecord and not (tonumber(stored.ep) and tonumber(stored.x) and (stored.st == 'closed' or stored.st == 'open' or stored.st == 'half_open')) then
  return redis.error_reply('BADRECORD ' .. recordKey .. ' is no record of a breaker')
end
local isKnown = hasRecord and tonumber(stored.x) > now

-- Members outlast a record that was evicted alone: each of them has its own end.
local isMember = (tonumber(redis.call('ZSCORE', membersKey, command.process)) or 0) > now
local processes = redis.call('ZCOUNT', membersKey, '(' .. text(now), '+inf')
if command.alive > 0 and not isMember then
  isMember, processes = true, processes + 1
end

-- Those of a record that has run out, or of an epoch that is over, must not come back with the next vote.
local votes, vote, areVotesOver = {}, nil, not isKnown
for _, process in ipairs(redis.call('ZRANGEBYSCORE', votesKey, '(' .. text(now), '+inf')) do
  if isKnown then votes[process] = true end
end

local function liveVotes()
  local n = 0
  for process in pairs(votes) do
    local isLive = isMember
    if process ~= command.process then isLive = (tonumber(redis.call('ZSCORE', membersKey, process)) or 0) > now end
    if isLive then n = n + 1 end
  end
  return n
end

-- The machine

local function heldUntil(record)
  local till = record.quarantineUntil
  for _, lease in pairs(record.leases) do till = math.max(till, lease) end
  return till
end

local function enter(record, state)
  record.quarantineUntil = heldUntil(record)
  record.epoch, record.state, record.successes, record.reset = nextEpoch(record.epoch), state, 0, false
  record.server, record.streak, record.buckets, record.leases = serverRun(), 0, {}, {}
  votes, vote, areVotesOver = {}, nil, true
end

local function open(record, openFor, reopenings)
  enter(record, 'open')
  record.openUntil, record.reopenings = untilAfter(openFor), reopenings
end

local function close(record)
  enter(record, 'closed')
  record.openUntil, record.reopenings = 0, 0
end

local function overrideFrom(given)
  return { kind = given.kind, till = untilAfter(given.remaining), reason = given.reason or '' }
end

local function restore(record)
  local wasHalfOpen = seen.state == 'half_open'
  local state = wasHalfOpen and 'open' or seen.state
  enter(record, state)
  record.quarantineUntil = math.max(record.quarantineUntil, now + command.lease)
  record.epoch = wasHalfOpen and nextEpoch(seen.epoch) or seen.epoch
  record.openUntil = state == 'closed' and 0 or untilAfter(wasHalfOpen and 0 or seen.remaining)
  record.reopenings = seen.reopenings
  record.override = seen.override and overrideFrom(seen.override) or nil
end

local function sum(buckets, part)
  local total = 0
  for _, bucket in ipairs(buckets) do total = total + bucket[part] end
  return total
end

-- In place, which the reducer does by copying.
local function add(buckets, counts, limits)
  local last = buckets[#buckets]
  local isNear = last and (limits.window == 'time' and now - last.at < limits.size / 10 or limits.window == 'count' and last.calls < limits.size / 20)
  if isNear then
    last.calls, last.failures, last.slow = last.calls + counts.calls, last.failures + counts.failures, last.slow + counts.slow
  else
    buckets[#buckets + 1] = { at = now, calls = counts.calls, failures = counts.failures, slow = counts.slow }
  end
end

local function within(buckets, limits)
  local kept, newer = {}, 0
  for i = #buckets, 1, -1 do
    local bucket = buckets[i]
    local isOld
    if limits.window == 'time' then isOld = bucket.at <= now - limits.size else isOld = newer >= limits.size end
    if not isOld then table.insert(kept, 1, bucket) end
    newer = newer + bucket.calls
  end
  return kept
end

local function pool(record, counts, limits)
  record.streak = counts.streak == 0 and 0 or record.streak + counts.streak
  if limits.window then
    add(record.buckets, counts, limits)
    record.buckets = within(record.buckets, limits)
  else
    record.buckets = {}
  end
end

local function reaches(record, limits)
  if not limits.window then return record.streak >= limits.failureThreshold end
  local calls = sum(record.buckets, 'calls')
  if calls == 0 or calls < limits.minimumCalls then return false end
  return sum(record.buckets, 'failures') / calls >= limits.failureRate or sum(record.buckets, 'slow') / calls >= limits.slowRate
end

local function isOfThisClosedEpoch(record) return record.state == 'closed' and seen.epoch == record.epoch end

-- Each returns whether it was done, and how long to wait.
local carryOut = {}

local function introduce(record)
  record.name = command.name or record.name
  local given = command.settings
  if not given or given == '' or command.alive <= 0 then return end
  local other
  for _, settings in ipairs(record.settings) do
    if settings.text ~= given then other = settings end
  end
  local mine = { text = given, till = now + command.alive }
  record.settings = other and { other, mine } or { mine }
end

function carryOut.get(record)
  introduce(record)
  return true
end

function carryOut.vote(record)
  if not isOfThisClosedEpoch(record) then return false end
  vote = untilAfter(command.lasts)
  votes[command.process] = true
  local quorum = command.quorum
  local needed = math.max(quorum.min, math.ceil(quorum.ratio * processes - 1e-9))
  if record.quarantineUntil <= now then needed = math.min(processes, needed) end
  if liveVotes() >= needed then open(record, command.openFor, 0) end
  return true
end

function carryOut.report(record)
  introduce(record)
  if not isOfThisClosedEpoch(record) then return false end
  pool(record, command.counts, command.limits)
  if reaches(record, command.limits) then open(record, command.openFor, 0) end
  return true
end

function carryOut.acquire(record)
  if record.state == 'closed' then return false end
  local server = serverRun()
  if record.server ~= server then
    record.server, record.quarantineUntil = server, math.max(record.quarantineUntil, now + command.lease)
  end
  local notBefore = math.max(record.quarantineUntil, record.state == 'open' and record.openUntil or 0)
  if now < notBefore then return false, notBefore - now end
  if record.state == 'open' then enter(record, 'half_open') end
  local leases = record.leases
  local taken = count(leases)
  local hasRoom = taken < command.probes and (taken == 0 or taken + record.successes < command.successes)
  if leases[command.slot] or hasRoom then
    leases[command.slot] = now + command.lease
    return true
  end
  local first = math.huge
  for _, till in pairs(leases) do first = math.min(first, till) end
  return false, first - now
end

function carryOut.renew(record)
  if not record.leases[command.slot] then return false end
  record.leases[command.slot] = now + command.lease
  return true
end

function carryOut.release(record)
  local wasHeld = record.leases[command.slot] ~= nil
  record.leases[command.slot] = nil
  return wasHeld
end

function carryOut.result(record)
  if record.state ~= 'half_open' or not record.leases[command.slot] then return false end
  record.leases[command.slot] = nil
  if not command.success then
    open(record, command.openFor, record.reopenings + 1)
    return true
  end
  record.successes = record.successes + 1
  if record.successes >= command.successes then close(record) end
  return true
end

function carryOut.force(record)
  if command.act == 'override' then
    if record.epoch == 0 then record.epoch = nextEpoch(0) end
    record.override = overrideFrom(command.override)
    return true
  end
  if command.act ~= 'clear' then close(record) end
  record.override = nil
  record.reset = record.reset or command.act == 'reset'
  return true
end

local record = isKnown and recordFrom(stored)
  or { epoch = 0, state = 'closed', openUntil = 0, reopenings = 0, successes = 0, quarantineUntil = now + command.lease,
       reset = false, server = '', streak = 0, buckets = {}, name = '', settings = {}, leases = {} }
local knownEpoch = record.epoch
local isRestored = seen.epoch > knownEpoch
if isRestored then restore(record) end

local MAY_BE_STALE = { vote = true, report = true, acquire = true, force = true }
local isStale = MAY_BE_STALE[command.kind] and command.at and now - command.at > STALE_MS
local done, wait = false, nil
if not isStale then done, wait = carryOut[command.kind](record) end
record.expiresAt = math.min(FOREVER, math.max(now, record.openUntil, record.override and record.override.till or 0, record.quarantineUntil) + RETENTION_MS)

-- Before the members change, which votes are counted by.
local voters = liveVotes()

-- Subscribers

local isOverride = command.kind == 'force' and done
if record.epoch ~= knownEpoch or isOverride then
  local suffix = record.epoch == knownEpoch and ',"override":true}' or '}'
  redis.call('PUBLISH', channel, '{"v":1,"breaker":' .. cjson.encode(breaker) .. ',"epoch":' .. text(record.epoch) .. suffix)
end

-- Writes: what is another than before

local expiry = string.format('%.0f', record.expiresAt)
local wanted = fieldsFrom(record)
local gone, changed = {}, {}
for field in pairs(stored) do
  if not wanted[field] and (OURS[field] or string.sub(field, 1, 2) == 'l:') then gone[#gone + 1] = field end
end
for field, value in pairs(wanted) do
  if stored[field] ~= value then
    changed[#changed + 1] = field
    changed[#changed + 1] = value
  end
end
if #gone > 0 then redis.call('HDEL', recordKey, unpack(gone)) end
if #changed > 0 then redis.call('HSET', recordKey, unpack(changed)) end
redis.call('PEXPIREAT', recordKey, expiry)

redis.call('ZREMRANGEBYSCORE', membersKey, '-inf', text(now))
if command.alive > 0 then redis.call('ZADD', membersKey, text(now + command.alive), command.process) end
redis.call('PEXPIREAT', membersKey, expiry)

if areVotesOver or not next(votes) then redis.call('DEL', votesKey) end
if next(votes) then
  redis.call('ZREMRANGEBYSCORE', votesKey, '-inf', text(now))
  if vote then redis.call('ZADD', votesKey, text(vote), command.process) end
  redis.call('PEXPIREAT', votesKey, expiry)
end

-- The answer

local other = ''
if (command.kind == 'get' or command.kind == 'report') and command.settings then
  for i = #record.settings, 1, -1 do
    if record.settings[i].text ~= command.settings then other = record.settings[i].text end
  end
end
local override = record.override
return {
  text(record.epoch), record.state, text(record.state == 'open' and remaining(record.openUntil) or 0), text(record.reopenings),
  override and override.kind or '', override and text(remaining(override.till)) or '0', override and override.reason or '',
  text(now), text(processes), text(voters), other, record.reset and '1' or '0', done and '1' or '0', isRestored and '1' or '0', text(wait or 0),
}
`;

/** By which Redis knows a script that it has met. */
export const SHA: string = createHash('sha1').update(SCRIPT).digest('hex');
