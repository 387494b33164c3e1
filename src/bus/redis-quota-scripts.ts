/**
 * What a quota does in Redis, each in one step, and by Redis's own time: no two clocks are compared.
 *
 * Each node owns one hash of the places that it holds, by name; the hash ends with its node. `KEYS[1]` has the nodes,
 * sorted by when they were heard last, `ARGV[1]` is the first part of the hashes' keys.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefix, ttl, node = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local function touch()
	redis.call('ZADD', KEYS[1], now, node)
	redis.call('PEXPIRE', KEYS[1], ttl)
	redis.call('PEXPIRE', prefix .. node, ttl)
end
`;

/**
 * KEYS: the bucket, whose value is the time at which it is full again. ARGV: a token's time, that of the whole bucket;
 * all in microseconds. Answers with those to wait; 0: taken.
 */
export const CHARGE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local token, fill = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
local next = math.min(math.max(full, now), now + fill) + token
if next - now > fill then return next - now - fill end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
return 0`;

/** ARGV: …, then name, places of this node with the new one, limit. Answers with the name that has none left, or ''. */
export const TAKE = `${PRELUDE}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ttl)
local nodes = redis.call('ZRANGE', KEYS[1], 0, -1)
for i = 4, #ARGV, 3 do
	local taken = tonumber(ARGV[i + 1])
	for _, other in ipairs(nodes) do
		if other ~= node then
			taken = taken + (tonumber(redis.call('HGET', prefix .. other, ARGV[i])) or 0)
		end
	end
	if taken > tonumber(ARGV[i + 2]) then return ARGV[i] end
end
for i = 4, #ARGV, 3 do redis.call('HSET', prefix .. node, ARGV[i], ARGV[i + 1]) end
touch()
return ''`;

/** ARGV: …, 1 when it holds nothing else, then name and places of this node alternately. */
export const HOLD = `${PRELUDE}
if ARGV[4] == '1' then redis.call('DEL', prefix .. node) end
for i = 5, #ARGV, 2 do
	if ARGV[i + 1] == '0' then redis.call('HDEL', prefix .. node, ARGV[i])
	else redis.call('HSET', prefix .. node, ARGV[i], ARGV[i + 1]) end
end
touch()`;

/** ARGV: …, how many names it holds places under. Answers with 1 when that is so. */
export const RENEW = `${PRELUDE}
touch()
return redis.call('HLEN', prefix .. node) == tonumber(ARGV[4]) and 1 or 0`;
