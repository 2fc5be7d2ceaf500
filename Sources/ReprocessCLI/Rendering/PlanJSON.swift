internal import PartitionBackfill
internal import Partitions

/// A plan as one JSON object, written piece by piece: a million partitions are never in memory at once.
struct PlanJSON {
    let plan: BackfillPlan
    /// What it will probably cost; nil where nothing would run.
    var price: PlanPrice?

    func write(to output: (String) throws -> Void) throws {
        let counts = JSONValue.object(
            Dictionary(uniqueKeysWithValues: plan.counts.map { ($0.key.rawValue, .integer($0.value)) }))
        try output("{\"counts\":\(counts.text),\"from\":\(JSONValue.optional(plan.range.first?.description).text)")
        try output(",\"job\":\(JSONValue.quoted(plan.job)),\"partitions\":[")
        var separator = "\n"
        for segment in plan.segments {
            let action = segment.reason.isRun ? "run" : "skip"
            let middle = "{\"action\":\"\(action)\",\"partition\":\""
            let end = "\",\"reason\":\(JSONValue.quoted(segment.reason.rawValue))}"
            for key in segment.range {
                try output(separator + middle + key.description + end)
                separator = ",\n"
            }
        }
        let price = price.map { ",\"price\":\(PriceJSON.value(of: $0).text)" } ?? ""
        try output("\n]\(price),\"to\":\(JSONValue.optional(plan.range.last?.description).text)}\n")
    }
}
