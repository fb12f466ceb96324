-- Gives up what a part of a long list has of forgotten entries; gives where the next part begins, -1 behind the last.
-- ARGV: layout, key, where the part begins, numbers in a part, ttl.
call('DEL', root .. 'p') -- as in compact.lua
local small, field, long = root .. 'p' .. sub(ARGV[2], 1, 3), sub(ARGV[2], 4), root .. 'l' .. ARGV[2]
local from, upto = 4 * tonumber(ARGV[3]), 4 * (tonumber(ARGV[3]) + tonumber(ARGV[4]))
local length = call('STRLEN', long)
if length == 0 and call('HGET', small, field) ~= '' then
    return -1 -- someone else compacted it
end
local part = call('GETRANGE', long, from, upto - 1)
local kept = alive(part, {})
local following = from + #kept
if kept ~= part then
    local before = from > 0 and call('GETRANGE', long, 0, from - 1) or ''
    local list = before .. kept .. call('GETRANGE', long, upto, -1)
    length = #list
    call('SET', long, list, 'KEEPTTL')
end
if following < length then
    return following / 4
end
if length <= 64 then
    if length == 0 then
        call('HDEL', small, field)
    else
        call('HSET', small, field, call('GET', long))
    end
    call('DEL', long)
end
return -1
