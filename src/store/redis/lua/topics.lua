-- Topics and groups: declared, described, forgotten.

local function no_topic(topic)
  return refusal('not_found', 'there is no such topic; declare it, or publish to it', "topic '" .. topic .. "'")
end

local function no_group(topic, group)
  return refusal('not_found', 'there is no such group; declare it', "group '" .. group .. "' of topic '" .. topic .. "'")
end

local RETENTION = {'age', 'count', 'bytes', 'force'}

-- KEYS topic, meta   ARGV now, age, count, bytes, force ('' where there is none)
register('declare_topic', {'allow-oom'}, function(keys, args)
  make_stream(keys[1])
  call('DEL', keys[2])
  for i, name in ipairs(RETENTION) do
    if args[i + 1] ~= '' then call('HSET', keys[2], name, args[i + 1]) end
  end
  return {'ok'}
end)

-- KEYS topic, runs, sessions   ARGV now, group, start
register('declare_group', {'allow-oom'}, function(keys, args)
  make_stream(keys[1])
  local start = args[3]
  if id_below(last_id_of(keys[1]), start) then start = '$' end
  local made = redis.pcall('XGROUP', 'CREATE', keys[1], args[2], start)
  if type(made) == 'table' and made.err then
    if string.find(made.err, 'BUSYGROUP', 1, true) then return {'ok'} end
    raise(made, keys[1])
  end
  call('DEL', keys[2], keys[3])  -- of a group of that name that somebody destroyed by hand
  return {'ok'}
end)

-- KEYS topic, runs, sessions   ARGV now, group
register('remove_group', {'allow-oom'}, function(keys, args)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  if call('XGROUP', 'DESTROY', keys[1], args[2]) == 0 then return no_group(keys[1], args[2]) end
  call('DEL', keys[2], keys[3])
  return {'ok'}
end)

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
    for _, entry in ipairs(call(order[1], topic, order[2], order[3], 'COUNT', SAMPLE)) do
      bytes = bytes + bytes_of(entry[2]) + 16
      count = count + 1
    end
  end
  return count == 0 and 0 or bytes / count
end

-- What an error of a command about a group comes to.
local function refused_for_group(topic, group, failed)
  if string.find(failed.err, 'NOGROUP', 1, true) then return no_group(topic, group) end
  raise(failed, topic)
end

local function by_name(list)
  local map = {}
  for i = 1, #list, 2 do map[list[i]] = list[i + 1] end
  return map
end

-- KEYS topic, meta   Returns length, entries added, bytes, first, last and highest deleted id, groups, then the retention.
register('topic_info', {'no-writes'}, function(keys)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  local info = by_name(call('XINFO', 'STREAM', keys[1]))
  local first = call('XRANGE', keys[1], '-', '+', 'COUNT', 1)[1]
  local bytes = math.floor(info['length'] * average_bytes(keys[1]))
  local answer = {'ok', info['length'], info['entries-added'], bytes, first and first[1] or '0-0',
    info['last-generated-id'], info['max-deleted-entry-id'], info['groups']}
  for _, value in ipairs(call('HMGET', keys[2], unpack(RETENTION))) do answer[#answer + 1] = value or '' end
  return answer
end)

-- Redis knows no lag once something was deleted ahead of a group, or the cursor was set: then entries are counted, but
-- no more than these, in pages.
local LAG_COUNTED_MAX, LAG_PAGE = 2000, 500
local function lag_of(topic, cursor)
  local lag, from = 0, cursor
  while lag < LAG_COUNTED_MAX do
    local page = call('XRANGE', topic, '(' .. from, '+', 'COUNT', LAG_PAGE)
    lag = lag + #page
    if #page < LAG_PAGE then break end
    from = page[#page][1]
  end
  return lag
end

-- KEYS topic   ARGV now, after, up to, at most
-- Counts a part of the entries in this range. Returns how many, up to where, and whether there are more.
register('count_entries', {'no-writes'}, function(keys, args)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  local from, to, at_most = args[2], args[3], math.min(tonumber(args[4]), LAG_COUNTED_MAX)
  if not id_below(from, to) then return {'ok', 0, from, 0} end
  local counted = 0
  while counted < at_most do
    local wanted = math.min(LAG_PAGE, at_most - counted)
    local page = call('XRANGE', keys[1], '(' .. from, to, 'COUNT', wanted)
    counted = counted + #page
    if #page > 0 then from = page[#page][1] end
    if #page < wanted then return {'ok', counted, from, 0} end
  end
  if not id_below(from, to) then return {'ok', counted, from, 0} end
  return {'ok', counted, from, #call('XRANGE', keys[1], '(' .. from, to, 'COUNT', 1)}
end)

-- KEYS topic, sessions   ARGV now, group
-- Returns cursor, pending, entries read, lag, {{consumer, pending, idle}, …}.
register('group_info', {'no-writes'}, function(keys, args)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  for _, listed in ipairs(call('XINFO', 'GROUPS', keys[1])) do
    local group = by_name(listed)
    if group['name'] == args[2] then
      local now = time_of(args[1])
      -- Since when our own consumers are idle, by the clock that the functions are given.
      local seen = {}
      for _, session in ipairs(call('HVALS', keys[2])) do
        local at, consumer = string.match(session, '^(%d+) (.*)$')
        if at then seen[consumer] = math.max(seen[consumer] or 0, tonumber(at)) end
      end
      local consumers = {}
      for _, one in ipairs(call('XINFO', 'CONSUMERS', keys[1], args[2])) do
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
  return no_group(keys[1], args[2])
end)

-- KEYS topic   Returns the names of its groups.
register('group_names', {'no-writes'}, function(keys)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  local names = {}
  for i, group in ipairs(call('XINFO', 'GROUPS', keys[1])) do names[i] = by_name(group)['name'] end
  return {'ok', names}
end)

-- KEYS topic, runs   ARGV now, group, after, count
-- Returns {{id, consumer, idle, deliveries, attempts, retry time, last error}, …}, idle by our own record.
register('pending', {'no-writes'}, function(keys, args)
  if call('EXISTS', keys[1]) == 0 then return no_topic(keys[1]) end
  local group, after, count = args[2], args[3], args[4]
  if after == MAX_ID then return {'ok', {}} end
  local pending = redis.pcall('XPENDING', keys[1], group, '(' .. after, '+', count)
  if pending.err then return refused_for_group(keys[1], group, pending) end
  local now = time_of(args[1])
  local answer = {}
  for i, entry in ipairs(pending) do
    local run = call('HGET', keys[2], entry[1])
    local _, attempts, since, retry_at, owner, last_error = unpack_run(run or '')
    local _, consumer = split_owner(owner)
    local idle = consumer == entry[2] and math.max(now - since, 0) or entry[3]
    answer[i] = {entry[1], entry[2], idle, entry[4], attempts or 0, retry_at or '-', last_error or ''}
  end
  return {'ok', answer}
end)

-- KEYS topic   ARGV now, after   Makes the topic if need be. Returns whether it has an entry above, and its last id.
register('entries_above', {'allow-oom'}, function(keys, args)
  make_stream(keys[1])
  local above = args[2] ~= MAX_ID and #call('XRANGE', keys[1], '(' .. args[2], '+', 'COUNT', 1) or 0
  return {'ok', above, last_id_of(keys[1])}
end)
