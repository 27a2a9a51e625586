-- Health of a MoCoExperiment in Argo CD, from its conditions; the columns of kubectl get make the message.
local status = obj.status
if status == nil or status.conditions == nil
    or (status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation) then
  return {status = "Progressing", message = "waiting for the operator"}
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end
local summary = status.summary or {}

local function is(type, value)
  return conditions[type] ~= nil and conditions[type].status == value
end

-- What there is of a list of columns, each with words around it.
local function columns(list)
  local parts = {}
  for _, column in ipairs(list) do
    local value = summary[column[1]]
    if value ~= nil and value ~= "" then
      table.insert(parts, column[2] .. value .. column[3])
    end
  end
  return table.concat(parts, ", ")
end

if is("Succeeded", "True") then
  return {
    status = "Healthy",
    message = columns({{"top1", "top-1 ", ""}, {"ap50", "AP50 ", ""}, {"ap", "AP ", ""}, {"ap75", "AP75 ", ""}})
  }
elseif is("Stalled", "True") then
  return {status = "Degraded", message = conditions["Stalled"].message}
elseif is("Succeeded", "False") then
  return {status = "Degraded", message = conditions["Succeeded"].message}
elseif is("Suspended", "True") then
  return {status = "Suspended", message = conditions["Suspended"].message}
end
return {
  status = "Progressing",
  message = columns({{"stage", "", ""}, {"progress", "", ""}, {"eta", "", " left"}, {"reason", "", ""}})
}
