-- Stands before every script. KEYS[1]: what the names of all keys begin with, a hash tag. ARGV[1]: the layout.
local root, call, sub = KEYS[1], redis.call, string.sub

-- Layout, epoch (how often something was dropped) and the last number that was given.
local state = call('HMGET', root .. 'meta', 'layout', 'epoch', 'last')
if state[1] ~= ARGV[1] then
    return redis.error_reply('DEDUP layout ' .. (state[1] or 'none'))
end
local epoch, last = tonumber(state[2] or 0), tonumber(state[3] or 0)

-- Entries and clusters stand 64 in a hash, named by a number without its lowest bits, which are the field.
local function place(kind, packed)
    local a, b, c, d = string.byte(packed, 1, 4)
    local number = ((a * 256 + b) * 256 + c) * 256 + d
    return root .. kind .. math.floor(number / 64), string.char(number % 64)
end

local function get(kind, packed)
    return call('HGET', place(kind, packed))
end

local function pack(number)
    return struct.pack('>I4', number)
end

-- Name of the small hash of postings with this number, aligned to 24 bits.
local function bucket(number)
    return sub(pack(number), 2, 4)
end

-- The numbers of a list whose entries are remembered; `known` caches which are.
local function alive(list, known)
    local kept = {}
    for at = 1, #list, 4 do
        local number = sub(list, at, at + 3)
        if known[number] == nil then
            local key, field = place('e', number)
            known[number] = call('HEXISTS', key, field) == 1
        end
        if known[number] then
            kept[#kept + 1] = number
        end
    end
    return table.concat(kept)
end
