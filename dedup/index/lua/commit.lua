-- Does all of a change, or nothing: 1, or 0 if what it rests on has changed.
-- ARGV: layout, ttl, bytes of a key, epoch or nothing, keys and stamps that it rests on, keys and numbers to post,
-- dropped entries, dropped clusters, numbers of entries, numbers of clusters, how many are expected; then contents of
-- the entries, of the clusters, pairs of what is expected, pairs of counters.
local ttl, width, keys, numbers = ARGV[2], tonumber(ARGV[3]), ARGV[7], ARGV[8]
local dropped = { e = ARGV[9], c = ARGV[10] }
local stored = { { 'e', ARGV[11] }, { 'c', ARGV[12] } }
local expected = 14 + #ARGV[11] / 4 + #ARGV[12] / 4
local counters = expected + 2 * tonumber(ARGV[13])
local NONE = string.rep('\0', 8)

-- First all that can refuse or fail, while nothing is done: a script that fails midway is not undone.
local lists = {}
local function read(key)
    local list = lists[key]
    if list == nil then
        list = call('HGET', root .. 'p' .. sub(key, 1, 3), sub(key, 4))
        lists[key] = list
    end
    return list
end

if ARGV[4] ~= '' then
    if tonumber(ARGV[4]) ~= epoch then
        return 0
    end
    local before, stamps = ARGV[5], ARGV[6]
    for at = 0, #before / width - 1 do
        local key, stamp = sub(before, at * width + 1, (at + 1) * width), NONE
        local list = read(key)
        if list == '' then
            local long = root .. 'l' .. key
            stamp = pack(call('STRLEN', long) / 4) .. call('GETRANGE', long, -4, -1)
        elseif list then
            stamp = pack(#list / 4) .. sub(list, -4)
        end
        if stamp ~= sub(stamps, at * 8 + 1, at * 8 + 8) then
            return 0
        end
    end
    for at = expected, counters - 1, 2 do
        local content = get(sub(ARGV[at], 1, 1), sub(ARGV[at], 2)) or ''
        if sub(content, 1, #ARGV[at + 1]) ~= ARGV[at + 1] then
            return 0
        end
    end
end
for at = 1, #keys, width do
    local key = sub(keys, at, at + width - 1)
    if read(key) == '' then
        call('STRLEN', root .. 'l' .. key)
    end
end
local checked = {}
for _, group in ipairs({ stored[1], stored[2], { 'e', dropped.e }, { 'c', dropped.c } }) do
    for at = 1, #group[2], 4 do
        local key = place(group[1], sub(group[2], at, at + 3))
        if not checked[key] then
            checked[key] = true
            call('HLEN', key)
        end
    end
end
for at = counters, #ARGV, 2 do
    if not tonumber(call('HGET', root .. 'counts', ARGV[at]) or 0) then
        return redis.error_reply('DEDUP counter ' .. ARGV[at])
    end
end

-- Then the writing. What only gives memory back comes first: the server allows it when it has none left.
local touched = { [root .. 'meta'] = true, [root .. 'counts'] = true }
for kind, of_kind in pairs(dropped) do
    for at = 1, #of_kind, 4 do
        call('HDEL', place(kind, sub(of_kind, at, at + 3)))
    end
end
if #dropped.e + #dropped.c > 0 then
    call('HINCRBY', root .. 'meta', 'epoch', 1)
end

for at = 0, #keys / width - 1 do
    local key, number = sub(keys, at * width + 1, (at + 1) * width), sub(numbers, at * 4 + 1, at * 4 + 4)
    local small, long, list = root .. 'p' .. sub(key, 1, 3), root .. 'l' .. key, lists[key]
    if list == '' then
        call('APPEND', long, number)
    elseif list and #list >= 64 then -- one longer value would cost the whole small hash its packed form
        call('SET', long, list .. number)
        call('HSET', small, sub(key, 4), '')
        lists[key] = ''
    else
        lists[key] = (list or '') .. number
        call('HSET', small, sub(key, 4), lists[key])
    end
    if ttl ~= '0' then
        touched[small] = true
        touched[long] = true
    end
end

local at = 14
for _, group in ipairs(stored) do
    for from = 1, #group[2], 4 do
        local number, content = sub(group[2], from, from + 3), ARGV[at]
        local key, field = place(group[1], number)
        call('HSET', key, field, content)
        -- The leader and who is kept live as long as the last that joined them.
        touched[key] = true
        for _, kind in ipairs({ 'e', 'c' }) do
            touched[place(kind, sub(content, 1, 4))] = true
        end
        if group[1] == 'c' then
            touched[place('e', number)] = true
        end
        at = at + 1
    end
end
for from = counters, #ARGV, 2 do
    call('HINCRBY', root .. 'counts', ARGV[from], ARGV[from + 1])
end
if ttl ~= '0' then
    for key in pairs(touched) do
        call('EXPIRE', key, ttl)
    end
end
return 1
