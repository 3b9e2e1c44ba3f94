-- What the functions about topics and deliveries share: records of pending entries, ids, streams.

local MAX_ID = '18446744073709551615-18446744073709551615'

-- The owner in the record of a pending entry: "<session>:<consumer>", the consumer's spaces written as %20.
local function owner_of(session, consumer)
  return session .. ':' .. (string.gsub(consumer, '[ %%]', {[' '] = '%20', ['%'] = '%25'}))
end

-- Session and consumer; nothing for no owner.
local function split_owner(owner)
  local session, consumer = string.match(owner or '', '^([^:]*):(.*)$')
  if not session then return nil end
  return session, (string.gsub(consumer, '%%2[05]', {['%20'] = ' ', ['%25'] = '%'}))
end

-- The record of an entry while it is pending with that token, and with the consumer that it was handed to; else
-- nothing. A person may have acknowledged or claimed it by hand, so that the pending list is asked, too.
local function run_with_token(topic, group, runs, id, token)
  local run = call('HGET', runs, id)
  if not run or string.sub(run, 1, 16) ~= token then return nil end
  local pending = redis.pcall('XPENDING', topic, group, id, id, 1)
  if pending.err or not pending[1] then return nil end
  local _, _, _, _, owner = unpack_run(run)
  local _, consumer = split_owner(owner)
  if pending[1][2] ~= consumer then return nil end
  return run
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

local function id_after(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  if seq == '18446744073709551615' then return ms_text(ms + 1) .. '-0' end
  return ms .. '-' .. ms_text(seq + 1)
end

-- The last id that a stream gave; "0-0" when there is none.
local function last_id_of(topic)
  local info = redis.pcall('XINFO', 'STREAM', topic)
  if info.err then
    if string.find(info.err, 'no such key', 1, true) then return '0-0' end
    raise(info, topic)
  end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

-- Appends {name, value, …} to a topic and returns its id: of the time `now` (ms, as text), or just above the last one
-- when the clock stands behind that.
local function append_entry(topic, now, fields)
  local id = redis.pcall('XADD', topic, now .. '-*', unpack(fields))
  if type(id) == 'string' then return id end
  if not string.find(id.err, 'equal or smaller', 1, true) then raise(id, topic) end
  local last_ms = string.match(last_id_of(topic), '^%d+')
  return call('XADD', topic, last_ms .. '-*', unpack(fields))
end

-- Makes an empty stream unless there is one.
local function make_stream(topic)
  if call('EXISTS', topic) == 1 then return end
  call('XGROUP', 'CREATE', topic, 'tm', '0', 'MKSTREAM')
  call('XGROUP', 'DESTROY', topic, 'tm')
end
