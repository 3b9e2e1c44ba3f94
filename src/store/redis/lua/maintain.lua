-- What is done as time passes: timers that are due are published, retention is applied, what nobody uses is forgotten.

-- KEYS timers, timer   ARGV now, at most
-- Returns {{name, due, stream}, …} of what is due, oldest first, and when the next one will be ('' for none).
register('due_timers', {'no-writes'}, function(keys, args)
  local now = ms_text(time_of(args[1]))
  local due = call('ZRANGE', keys[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, args[2], 'WITHSCORES')
  local answer = {}
  for i = 1, #due, 2 do
    local what = call('HGET', keys[2], due[i])
    answer[#answer + 1] = {due[i], due[i + 1], what and unpack_list(what)[1] or ''}
  end
  local next_one = call('ZRANGE', keys[1], '(' .. now, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  return {'ok', answer, next_one[2] or ''}
end)

-- KEYS timers, timer   ARGV now, due, name ('' for none), at most
-- Returns {{name, due, stream, fields}, …}: what is due then or later, behind the timer of that name if there is one.
register('list_timers', {'no-writes'}, function(keys, args)
  local due, name, at_most = args[2], args[3], tonumber(args[4])
  local page
  if name ~= '' and call('ZSCORE', keys[1], name) == due then
    local first = call('ZRANK', keys[1], name) + 1
    page = call('ZRANGE', keys[1], first, first + at_most - 1, 'WITHSCORES')
  else
    page = call('ZRANGE', keys[1], due, '+inf', 'BYSCORE', 'LIMIT', 0, at_most, 'WITHSCORES')
  end
  local answer = {}
  for i = 1, #page, 2 do
    local what = call('HGET', keys[2], page[i])
    local fields = what and unpack_list(what) or {''}
    local stream = table.remove(fields, 1)
    answer[#answer + 1] = {page[i], page[i + 1], stream, fields}
  end
  return {'ok', answer}
end)

-- How long a timer waits that can't be published.
local TIMER_BACK_OFF = 60000  -- milliseconds

-- KEYS timers, timer, then streams   ARGV now, then for each timer: name, due, stream, its number among them
-- Publishes those that are still as they were read. Returns the numbers of the streams that it appended to, and of what
-- can't be published, and is due again later: {{name, stream, why}, …}.
register('fire_timers', {'allow-oom'}, function(keys, args)
  local now = time_of(args[1])
  local written, failed = {}, {}
  for i = 2, #args, 4 do
    local name, due, stream, number = args[i], args[i + 1], args[i + 2], tonumber(args[i + 3])
    local what = call('HGET', keys[2], name)
    local fields = what and unpack_list(what) or {stream}
    if call('ZSCORE', keys[1], name) == due and tonumber(due) <= now and fields[1] == stream then
      table.remove(fields, 1)
      local appended, failure = true, nil
      if #fields > 0 then appended, failure = pcall(append_entry, keys[2 + number], ms_text(now), fields) end
      if appended then
        if #fields > 0 then written[#written + 1] = number end
        call('ZREM', keys[1], name)
        call('HDEL', keys[2], name)
      else
        call('ZADD', keys[1], ms_text(now + TIMER_BACK_OFF), name)
        failed[#failed + 1] = {name, stream, type(failure) == 'table' and failure.err or tostring(failure)}
      end
    end
  end
  return {'ok', written, failed}
end)

local function lower_id(a, b)
  if not a then return b end
  if not b then return a end
  return id_below(a, b) and a or b
end

-- The lowest id that a group still needs: nothing below it is pending or yet to be handed over. None without groups.
local function needed_by_groups(topic)
  local needed
  for _, listed in ipairs(call('XINFO', 'GROUPS', topic)) do
    local group = by_name(listed)
    needed = lower_id(needed, id_after(group['last-delivered-id']))
    if group['pending'] > 0 then needed = lower_id(needed, call('XPENDING', topic, group['name'])[2]) end
  end
  return needed
end

-- Looks at so many entries in one call where it has to count them.
local TRIM_LOOKS_AT = 512

-- KEYS topic, meta   ARGV now   Returns 'none' for a topic without retention, 'more' if there is more to be dropped.
register('trim', {'allow-oom'}, function(keys, args)
  local topic = keys[1]
  local age, count, bytes, force = unpack(call('HMGET', keys[2], unpack(RETENTION)))
  if not (age or count or bytes) or call('EXISTS', topic) == 0 then return {'ok', 'none'} end
  local needed
  if force ~= '1' then needed = needed_by_groups(topic) end
  if age then
    local oldest = ms_text(math.max(time_of(args[1]) - age, 0)) .. '-0'
    call('XTRIM', topic, 'MINID', lower_id(oldest, needed))
  end
  local keep = tonumber(count or math.huge)
  if bytes then keep = math.min(keep, math.floor(bytes / math.max(average_bytes(topic), 1))) end
  local surplus = call('XLEN', topic) - keep
  if surplus <= 0 then return {'ok', 'done'} end
  if not needed or id_below(last_id_of(topic), needed) then
    call('XTRIM', topic, 'MAXLEN', keep)
    return {'ok', 'done'}
  end
  local looked_at = math.min(surplus, TRIM_LOOKS_AT)
  local first_kept = call('XRANGE', topic, '-', '+', 'COUNT', looked_at + 1)[looked_at + 1]
  local cut = lower_id(first_kept and first_kept[1], needed)
  call('XTRIM', topic, 'MINID', cut)
  return {'ok', cut ~= needed and surplus > looked_at and 'more' or 'done'}
end)

-- Looks at so many records in one call.
local PRUNE_LOOKS_AT = 1000

-- Drops records of what is not pending: it was acknowledged by hand. Returns where to go on, '0' at the end.
local function prune_runs(topic, runs, group, from)
  local scanned = call('HSCAN', runs, from, 'COUNT', PRUNE_LOOKS_AT)
  for i = 1, #scanned[2], 2 do
    local id = scanned[2][i]
    if #call('XPENDING', topic, group, id, id, 1) == 0 then call('HDEL', runs, id) end
  end
  return scanned[1]
end

-- KEYS topic, runs, sessions   ARGV now, group, idle, where to go on ('0' at first)
-- Forgets consumers that have nothing pending, records of what is not pending, and sessions where nothing is pending at
-- all, after so long an idleness. Returns where to go on, '0' when it is done.
register('prune_group', {'allow-oom'}, function(keys, args)
  local now, group, idle = time_of(args[1]), args[2], tonumber(args[3])
  if call('EXISTS', keys[1]) == 0 then return {'ok', '0'} end
  local consumers = redis.pcall('XINFO', 'CONSUMERS', keys[1], group)
  if consumers.err then return {'ok', '0'} end
  for _, listed in ipairs(consumers) do
    local consumer = by_name(listed)
    if consumer['pending'] == 0 and consumer['idle'] > idle then
      call('XGROUP', 'DELCONSUMER', keys[1], group, consumer['name'])
    end
  end
  local next_one = prune_runs(keys[1], keys[2], group, args[4])
  if next_one ~= '0' or call('HLEN', keys[2]) > 0 then return {'ok', next_one} end
  local sessions = call('HGETALL', keys[3])
  for i = 1, #sessions, 2 do
    local seen = tonumber(string.match(sessions[i + 1], '^%d+') or 0)
    if now - seen > idle then call('HDEL', keys[3], sessions[i]) end
  end
  return {'ok', '0'}
end)
