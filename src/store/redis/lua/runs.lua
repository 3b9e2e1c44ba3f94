-- What a group knows about a pending entry beyond Redis's own record: a line of text in the hash <topic>.<group>.runs
-- under the entry's id (docs/formats/redis.md, "Runs"):
--
--   <token> <attempts> <lease start> <retry time or -> <session> <consumer>[TAB <last error>]
--
-- Times are in milliseconds. The token has 16 hexadecimal digits.

local function pack_run(token, attempts, lease_start, retry_at, session, consumer, last_error)
  local run = token .. ' ' .. attempts .. ' ' .. lease_start .. ' ' .. retry_at .. ' ' .. session .. ' ' .. consumer
  if last_error == '' then return run end
  return run .. '\t' .. last_error
end

-- token, attempts, lease start, retry time, session, consumer, last error: all strings. Nothing for what is not a run.
local function unpack_run(run)
  local token, attempts, lease_start, retry_at, session, consumer, last_error =
    string.match(run, '^(%x+) (%d+) (%d+) (%S+) (%S+) ([^\t]*)\t?(.*)$')
  return token, attempts, lease_start, retry_at, session, consumer, last_error
end

-- The run of an entry while it is pending with that token, and with the consumer that it was handed to; else nothing. A
-- person may have acknowledged or claimed it by hand, so that both the pending list and the hash are asked.
local function run_with_token(topic, group, runs, id, token)
  local run = redis.call('HGET', runs, id)
  if not run or string.sub(run, 1, 16) ~= token then return nil end
  local pending = redis.pcall('XPENDING', topic, group, id, id, 1)
  if pending.err or not pending[1] then return nil end
  local _, _, _, _, _, consumer = unpack_run(run)
  if pending[1][2] ~= consumer then return nil end
  return run
end

-- The time in milliseconds, as a string of digits: the one given, or the server's.
local function time_ms(given)
  if given ~= '' then return given end
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end

-- Whether the id a is below b. Both are "ms-seq"; numbers of 64 bits do not fit Lua's, so digits are compared.
local function id_below(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then
    if #a_ms ~= #b_ms then return #a_ms < #b_ms end
    return a_ms < b_ms
  end
  if #a_seq ~= #b_seq then return #a_seq < #b_seq end
  return a_seq < b_seq
end

-- The last id that a stream gave; "0-0" when there is none.
local function last_id_of(topic)
  if redis.call('EXISTS', topic) == 0 then return '0-0' end
  local info = redis.call('XINFO', 'STREAM', topic)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

-- Appends {name, value, …} to a topic and returns its id: of the time `now`, or just above the last one when the clock
-- stands behind that.
local function append_entry(topic, now, fields)
  local id = redis.pcall('XADD', topic, now .. '-*', unpack(fields))
  if type(id) == 'string' then return id end
  if not string.find(id.err, 'equal or smaller', 1, true) then error(id) end
  local last_ms = string.match(last_id_of(topic), '^%d+')
  return redis.call('XADD', topic, last_ms .. '-*', unpack(fields))
end

-- Makes an empty stream unless there is one.
local function make_stream(topic)
  if redis.call('EXISTS', topic) == 1 then return end
  redis.call('XGROUP', 'CREATE', topic, 'tm', '0', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', topic, 'tm')
end
