-- Forwarding: entries moved from one topic to another, each once and in order, however often and by how many processes
-- a call is made.

-- Calls each(id, {name, value, …}) for what stands in args from `at` on as: id, count, names and values.
local function each_entry(args, at, each)
  while at <= #args do
    local count = tonumber(args[at + 1])
    each(args[at], {unpack(args, at + 2, at + 1 + count)})
    at = at + 2 + count
  end
end

-- KEYS target   ARGV now, from, to, then entries   Returns the target's last id.
-- Entries keep their ids, and the target's last id is the position up to which it has all of the source.
register('forward', {'allow-oom'}, function(keys, args)
  local target, from, to = keys[1], args[2], args[3]
  make_stream(target)
  local last = last_id_of(target)
  if id_below(last, from) or not id_below(last, to) then return {'ok', last} end
  each_entry(args, 4, function(id, fields)
    if id_below(last, id) then call('XADD', target, id, unpack(fields)) end
  end)
  call('XSETID', target, to)
  return {'ok', to}
end)

-- KEYS topic, positions   ARGV now, source, from, then the entries behind it   Returns up to where the topic has the source.
-- Many sources pour into one topic: entries get ids of their own, and the position of each source is kept beside it. A
-- topic that has less than `from`, after a fail-over, takes nothing, and the caller starts at the position it learns.
register('pour', {'allow-oom'}, function(keys, args)
  local topic, positions, now, source = keys[1], keys[2], ms_text(time_of(args[1])), args[2]
  local before = call('HGET', positions, source) or '0-0'
  if id_below(before, args[3]) then return {'ok', before} end
  local last = before
  each_entry(args, 4, function(id, fields)
    if id_below(last, id) then
      append_entry(topic, now, fields)
      last = id
    end
  end)
  if last ~= before then call('HSET', positions, source, last) end
  return {'ok', last}
end)

-- KEYS topic   Returns its last id.
register('last_id', {'no-writes'}, function(keys)
  return {'ok', last_id_of(keys[1])}
end)
