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

-- KEYS target   ARGV from, to, then entries   Returns the target's last id.
-- Entries keep their ids, and the target's last id is the position up to which it has all of the source.
local function tm_forward(keys, args)
  local target, from, to = keys[1], args[1], args[2]
  make_stream(target)
  local last = last_id_of(target)
  if id_below(last, from) or not id_below(last, to) then return {'ok', last} end
  each_entry(args, 3, function(id, fields)
    if id_below(last, id) then redis.call('XADD', target, id, unpack(fields)) end
  end)
  redis.call('XSETID', target, to)
  return {'ok', to}
end

-- KEYS topic, positions   ARGV source, now, then entries   Returns up to where the topic has the source.
-- Many sources pour into one topic: entries get ids of their own, and the position of each source is kept beside it.
local function tm_pour(keys, args)
  local topic, positions, source, now = keys[1], keys[2], args[1], time_ms(args[2])
  local before = redis.call('HGET', positions, source) or '0-0'
  local last = before
  each_entry(args, 3, function(id, fields)
    if id_below(last, id) then
      append_entry(topic, now, fields)
      last = id
    end
  end)
  if last ~= before then redis.call('HSET', positions, source, last) end
  return {'ok', last}
end

redis.register_function{function_name = 'tm_forward', callback = tm_forward, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_pour', callback = tm_pour, flags = {'allow-oom'}}
