-- Topics and groups: declared, described, forgotten.

local RETENTION = {'age', 'count', 'bytes', 'force'}

-- KEYS topic, meta   ARGV age, count, bytes, force ('' where there is none)
local function tm_topic(keys, args)
  make_stream(keys[1])
  redis.call('DEL', keys[2])
  for i, name in ipairs(RETENTION) do
    if args[i] ~= '' then redis.call('HSET', keys[2], name, args[i]) end
  end
  return {'ok'}
end

-- KEYS topic, runs, sessions   ARGV group, start
local function tm_group(keys, args)
  make_stream(keys[1])
  local start = args[2]
  if id_below(last_id_of(keys[1]), start) then start = '$' end
  local made = redis.pcall('XGROUP', 'CREATE', keys[1], args[1], start)
  if type(made) == 'table' and made.err then
    if string.find(made.err, 'BUSYGROUP', 1, true) then return {'ok'} end
    error(made)
  end
  redis.call('DEL', keys[2], keys[3])  -- of a group of that name that somebody destroyed by hand
  return {'ok'}
end

-- KEYS topic, runs, sessions   ARGV group
local function tm_ungroup(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then return {'not_found'} end
  if redis.call('XGROUP', 'DESTROY', keys[1], args[1]) == 0 then return {'not_found'} end
  redis.call('DEL', keys[2], keys[3])
  return {'ok'}
end

local function bytes_of(fields)
  local bytes = 0
  for i = 1, #fields do bytes = bytes + #fields[i] end
  return bytes
end

-- The average size of an entry, its id of 16 bytes included, by some of the oldest and of the newest.
local SAMPLE = 32
local function average_bytes(topic)
  local bytes, count = 0, 0
  for _, order in ipairs({{'XRANGE', '-', '+'}, {'XREVRANGE', '+', '-'}}) do
    for _, entry in ipairs(redis.call(order[1], topic, order[2], order[3], 'COUNT', SAMPLE)) do
      bytes = bytes + bytes_of(entry[2]) + 16
      count = count + 1
    end
  end
  return count == 0 and 0 or bytes / count
end

local function by_name(list)
  local map = {}
  for i = 1, #list, 2 do map[list[i]] = list[i + 1] end
  return map
end

-- KEYS topic, meta   Returns length, entries added, bytes, first, last and highest deleted id, groups, then the retention.
local function tm_topic_info(keys)
  if redis.call('EXISTS', keys[1]) == 0 then return {'not_found'} end
  local info = by_name(redis.call('XINFO', 'STREAM', keys[1]))
  local first = redis.call('XRANGE', keys[1], '-', '+', 'COUNT', 1)[1]
  local bytes = math.floor(info['length'] * average_bytes(keys[1]))
  local answer = {'ok', info['length'], info['entries-added'], bytes, first and first[1] or '0-0',
    info['last-generated-id'], info['max-deleted-entry-id'], info['groups']}
  for _, value in ipairs(redis.call('HMGET', keys[2], unpack(RETENTION))) do answer[#answer + 1] = value or '' end
  return answer
end

-- Redis knows no lag once something was deleted ahead of a group, or the cursor was set: then entries are counted, but
-- no more than these, in pages.
local LAG_COUNTED_MAX, LAG_PAGE = 10000, 500
local function lag_of(topic, cursor)
  local lag, from = 0, cursor
  while lag < LAG_COUNTED_MAX do
    local page = redis.call('XRANGE', topic, '(' .. from, '+', 'COUNT', LAG_PAGE)
    lag = lag + #page
    if #page < LAG_PAGE then break end
    from = page[#page][1]
  end
  return lag
end

local MAX_ID = '18446744073709551615-18446744073709551615'

-- KEYS topic, sessions   ARGV group, now
-- Returns cursor, pending, entries read, lag, {{consumer, pending, idle}, …}.
local function tm_group_info(keys, args)
  local groups = redis.pcall('XINFO', 'GROUPS', keys[1])
  if groups.err then return {'not_found'} end
  for _, listed in ipairs(groups) do
    local group = by_name(listed)
    if group['name'] == args[1] then
      local now = tonumber(time_ms(args[2]))
      -- Since when our own consumers are idle, by the clock that the functions are given.
      local seen = {}
      for _, session in ipairs(redis.call('HVALS', keys[2])) do
        local at, consumer = string.match(session, '^(%d+) (.*)$')
        if at then seen[consumer] = math.max(seen[consumer] or 0, tonumber(at)) end
      end
      local consumers = {}
      for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', keys[1], args[1])) do
        local consumer = by_name(one)
        local at = seen[consumer['name']]
        consumers[#consumers + 1] =
          {consumer['name'], consumer['pending'], at and math.max(now - at, 0) or consumer['idle']}
      end
      local cursor = group['last-delivered-id']
      local lag = group['lag'] or (cursor == MAX_ID and 0) or lag_of(keys[1], cursor)
      return {'ok', cursor, group['pending'], group['entries-read'] or 0, lag, consumers}
    end
  end
  return {'not_found'}
end

-- KEYS topic, runs   ARGV group, after, count, now
-- Returns {{id, consumer, idle, deliveries, attempts, retry time, last error}, …}, idle by our own record.
local function tm_pending(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then return {'not_found'} end
  if args[2] == MAX_ID then return {'ok', {}} end
  local pending = redis.pcall('XPENDING', keys[1], args[1], '(' .. args[2], '+', args[3])
  if pending.err then return {'not_found'} end
  local now = tonumber(time_ms(args[4]))
  local answer = {}
  for i, entry in ipairs(pending) do
    local run = redis.call('HGET', keys[2], entry[1])
    local _, attempts, lease_start, retry_at, _, consumer, last_error = unpack_run(run or '')
    local idle = consumer == entry[2] and math.max(now - lease_start, 0) or entry[3]
    answer[i] = {entry[1], entry[2], idle, entry[4], attempts or 0, retry_at or '-', last_error or ''}
  end
  return {'ok', answer}
end

redis.register_function{function_name = 'tm_topic', callback = tm_topic, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_group', callback = tm_group, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_ungroup', callback = tm_ungroup, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_topic_info', callback = tm_topic_info, flags = {'no-writes'}}
redis.register_function{function_name = 'tm_group_info', callback = tm_group_info, flags = {'no-writes'}}
redis.register_function{function_name = 'tm_pending', callback = tm_pending, flags = {'no-writes'}}
