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

-- KEYS timers, timer, then streams   ARGV now, then for each timer: name, due, stream, its number among them
-- Publishes those that are still as they were read. Returns the numbers of the streams that it appended to, and the
-- names of timers whose stream can't be written to.
register('fire_timers', {'allow-oom'}, function(keys, args)
  local now = time_of(args[1])
  local written, failed = {}, {}
  for i = 2, #args, 4 do
    local name, due, stream, number = args[i], args[i + 1], args[i + 2], tonumber(args[i + 3])
    local what = call('HGET', keys[2], name)
    if call('ZSCORE', keys[1], name) == due and tonumber(due) <= now then
      local fields = what and unpack_list(what) or {stream}
      if fields[1] == stream then
        table.remove(fields, 1)
        local typed = call('TYPE', keys[2 + number]).ok
        if #fields > 0 and typed ~= 'stream' and typed ~= 'none' then
          failed[#failed + 1] = name
        else
          if #fields > 0 then
            append_entry(keys[2 + number], ms_text(now), fields)
            written[#written + 1] = number
          end
          call('ZREM', keys[1], name)
          call('HDEL', keys[2], name)
        end
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

-- KEYS topic, runs, sessions   ARGV now, group, idle
-- Forgets consumers that have nothing pending, and sessions where nothing is pending at all, after so long an idleness.
register('prune_group', {'allow-oom'}, function(keys, args)
  local now, idle = time_of(args[1]), tonumber(args[3])
  if call('EXISTS', keys[1]) == 0 then return {'ok'} end
  local consumers = redis.pcall('XINFO', 'CONSUMERS', keys[1], args[2])
  if consumers.err then return {'ok'} end
  for _, listed in ipairs(consumers) do
    local consumer = by_name(listed)
    if consumer['pending'] == 0 and consumer['idle'] > idle then
      call('XGROUP', 'DELCONSUMER', keys[1], args[2], consumer['name'])
    end
  end
  if call('HLEN', keys[2]) > 0 then return {'ok'} end
  local sessions = call('HGETALL', keys[3])
  for i = 1, #sessions, 2 do
    local seen = tonumber(string.match(sessions[i + 1], '^%d+') or 0)
    if now - seen > idle then call('HDEL', keys[3], sessions[i]) end
  end
  return {'ok'}
end)
