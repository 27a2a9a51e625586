-- Health of a MoCoExperiment in Argo CD, from its conditions.
local health = {status = "Progressing", message = "waiting for the operator"}
local status = obj.status
if status == nil or status.conditions == nil then
  return health
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return health
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end

local function say(type, value, word)
  local condition = conditions[type]
  if condition == nil or condition.status ~= value then
    return false
  end
  health.status = word
  health.message = condition.message
  if health.message == nil or health.message == "" then
    health.message = condition.reason
  end
  return true
end

if say("Succeeded", "True", "Healthy") or say("Succeeded", "False", "Degraded") or say("Stalled", "True", "Degraded") then
  return health
end
if say("Suspended", "True", "Suspended") then
  return health
end
say("Reconciling", "True", "Progressing")
return health
