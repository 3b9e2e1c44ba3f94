-- What all functions share. The files of this folder are joined into one library, this one first; PREFIX is set above it.
-- Lua 5.1 has doubles only: numbers of 64 bits stay strings here, and are compared as such.

-- Raises the error that a command came to; one about a key of another type names the key.
local function raise(failed, key)
  if string.find(failed.err, '^WRONGTYPE') then error({err = "WRONGTYPE '" .. key .. "' is a key of another type"}) end
  error(failed)
end

-- redis.call, with errors by raise(). (There is no redis.call yet while the library is being loaded.)
local function call(...)
  local answer = redis.pcall(...)
  if type(answer) ~= 'table' or not answer.err then return answer end
  local command, key, third = ...
  raise(answer, (command == 'XINFO' or command == 'XGROUP') and third or key)
end

-- Flags: 'no-writes' for what only reads; 'allow-oom' for whatever must work on a full server.
local function register(name, flags, body)
  redis.register_function{function_name = PREFIX .. name, callback = body, flags = flags}
end

-- Milliseconds. The first argument of every function: empty for the server's own time.
local function time_of(argument)
  if argument ~= '' then return tonumber(argument) end
  local now = call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- A refusal: the name of an ErrorCode, what to tell, and what it is about. All other answers begin with 'ok'.
local function refusal(code, message, about)
  return {code, message, about or ''}
end

-- Milliseconds as text: tostring() would write large ones with an exponent.
local function ms_text(ms)
  return string.format('%.0f', ms)
end

-- Whether the lease still belongs to this owner and epoch. An empty owner asks for no lease.
local function has_lease(key, owner, epoch)
  if owner == '' then return true end
  local held = call('HMGET', key, 'owner', 'epoch')
  return held[1] == owner and held[2] == epoch
end

local function lost_lease(key)
  return refusal('fenced', 'another process has the lease of this partition', key)
end

-- The record of a pending entry: "<token> <attempts> <since> <retry at> <session> <error>", separated by single spaces.
-- Token: 16 hexadecimal digits. Since: when it was handed over, or last shown to be in good hands, in ms. Retry at: ms, or
-- '-'. Session: of the process that has it, or '-' when its attempt was recorded. The error is the rest, and may be empty.
local function unpack_run(record)
  return string.match(record, '^(%x+) (%d+) (%d+) (%S+) (%S+) (.*)$')
end

local function pack_run(token, attempts, since, retry_at, session, err)
  return token .. ' ' .. attempts .. ' ' .. since .. ' ' .. retry_at .. ' ' .. session .. ' ' .. err
end

-- A list of strings in one, each as "<length>:<bytes>".
local function unpack_list(text)
  local list, at = {}, 1
  while at <= #text do
    local _, colon, length = string.find(text, '^(%d+):', at)
    list[#list + 1] = string.sub(text, colon + 1, colon + length)
    at = colon + length + 1
  end
  return list
end

-- What fits Lua's stack.
local PORTION = 1000

-- One HSET, ZADD, … of many items.
local function in_portions(command, key, items)
  for first = 1, #items, PORTION do
    call(command, key, unpack(items, first, math.min(first + PORTION - 1, #items)))
  end
end
