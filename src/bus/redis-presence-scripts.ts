/**
 * What the presence book does in Redis, each in one step. All time is Redis's own, so that no two clocks are compared.
 *
 * KEYS: `gateways` (sorted by when they were heard last), `reported` (set), `sweeps` (hash). Three more for each
 * gateway, named by `ARGV[1]` and its id: what it holds (by "document session"), their statuses, and the same names
 * in order, so that those of one document are found without looking at others.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[2])
local function keysOf(gateway)
	local name = ARGV[1] .. gateway
	return name .. ':sessions', name .. ':statuses', name .. ':index'
end
local function isLive(gateway)
	local heard = redis.call('ZSCORE', KEYS[1], gateway)
	return heard and tonumber(heard) > now - ttl
end
local function forget(gateway)
	redis.call('DEL', keysOf(gateway))
	redis.call('ZREM', KEYS[1], gateway)
	redis.call('SREM', KEYS[2], gateway)
end
-- Longer than anybody needs it: what nobody has cleared away must not stay for ever.
local function keep(gateway)
	local sessions, statuses, index = keysOf(gateway)
	for _, key in ipairs({ KEYS[1], KEYS[2], sessions, statuses, index }) do
		redis.call('PEXPIRE', key, ttl * 20)
	end
end
`;

/** ARGV: …, gateway, document, session, JSON. Answers with JSON and status of each other session, alternately. */
export const ENTER = `${PRELUDE}
local gateway, doc, name = ARGV[3], ARGV[4], ARGV[4] .. ' ' .. ARGV[5]
local sessions, statuses, index = keysOf(gateway)
-- One that was gone comes back by reporting, so that nothing of what it held is missed.
if isLive(gateway) or not redis.call('ZSCORE', KEYS[1], gateway) then
	redis.call('ZADD', KEYS[1], now, gateway)
end
local came = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('HSET', sessions, name, came .. ' ' .. ARGV[6])
redis.call('HDEL', statuses, name)
redis.call('ZADD', index, 0, name)
keep(gateway)
local found = {}
for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - ttl), '+inf')) do
	local held, told, order = keysOf(other)
	for _, there in ipairs(redis.call('ZRANGEBYLEX', order, '[' .. doc .. ' ', '(' .. doc .. '!')) do
		if there ~= name then
			found[#found + 1] = redis.call('HGET', held, there) or ''
			found[#found + 1] = redis.call('HGET', told, there) or ''
		end
	end
end
return found`;

/** ARGV: …, document, session. */
export const LEAVE = `${PRELUDE}
local name = ARGV[3] .. ' ' .. ARGV[4]
for _, gateway in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
	local sessions, statuses, index = keysOf(gateway)
	if redis.call('HDEL', sessions, name) == 1 then
		redis.call('HDEL', statuses, name)
		redis.call('ZREM', index, name)
		if redis.call('EXISTS', sessions) == 0 then forget(gateway) end
	end
end`;

/** ARGV: …, gateway, 1 to start anew, then name and status (JSON) alternately. Answers with 1 when it was known. */
export const REPORT = `${PRELUDE}
local gateway, anew = ARGV[3], ARGV[4] == '1'
local live = isLive(gateway) and not anew
local known = live and redis.call('SISMEMBER', KEYS[2], gateway) == 1
if not live then forget(gateway) end
redis.call('ZADD', KEYS[1], now, gateway)
redis.call('SADD', KEYS[2], gateway)
local sessions, statuses = keysOf(gateway)
for i = 5, #ARGV, 2 do
	if redis.call('HEXISTS', sessions, ARGV[i]) == 1 then
		redis.call('HSET', statuses, ARGV[i], ARGV[i + 1])
	end
end
keep(gateway)
return known and 1 or 0`;

/**
 * ARGV: …, ms that a sweep is left alone, ms without a sweep after which nobody is gone for a while: gateways could
 * not report either. Answers with the gateways that are gone; with none to all but one of those who ask at once.
 */
export const SWEEP = `${PRELUDE}
local last = tonumber(redis.call('HGET', KEYS[3], 'last'))
if last and now - last < tonumber(ARGV[3]) then return {} end
if not last or now - last > tonumber(ARGV[4]) then redis.call('HSET', KEYS[3], 'since', now) end
redis.call('HSET', KEYS[3], 'last', now)
redis.call('PEXPIRE', KEYS[3], ttl * 20)
if now - redis.call('HGET', KEYS[3], 'since') < ttl then return {} end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ttl)`;

/** ARGV: …, gateway. Not when it is back meanwhile. */
export const BURY = `${PRELUDE}
if not isLive(ARGV[3]) then forget(ARGV[3]) end`;
