internal import DrayageCore

/// What only shows when blocks are held against each other.
extension CatalogCheck {
  /// Names of offers, aliases, quotas and capacity that stand for two things at one provider.
  mutating func lookForDuplicates(in files: [CatalogFile]) {
    // By provider and name: where the name was first seen.
    var owners: [[String]: String] = [:]
    for file in files {
      for block in file.blocks {
        for name in [block.value.id] + block.value.aliases {
          let place = "\(file.name):\(block.line)"
          if let other = owners.updateValue(place, forKey: [file.provider, name]) {
            add(
              .error, file, block,
              "\(InputError.quoted(name)) is the name or an alias of the offer at \(other) too; "
                + "rename or remove one"
            )
          }
        }
      }
      for quota in file.quotas {
        if let other = owners.updateValue("\(file.name):\(quota.line)", forKey: ["quota", quota.value.name]) {
          add(.error, file, quota, "the quota for this plan is at \(other) too; remove one")
        }
      }
      for capacity in file.capacity {
        let place = "\(file.name):\(capacity.line)"
        if let other = owners.updateValue(place, forKey: ["capacity", file.provider, capacity.value.id]) {
          add(.error, file, capacity, "this capacity is at \(other) too; rename or remove one")
        }
      }
    }
  }

  /// Base prices in force that are many times those of the same model elsewhere: often a unit mistaken for
  /// another, unless a second source has confirmed them lately.
  mutating func lookForOddPrices(in files: [CatalogFile]) {
    var siblings: [String: [(file: CatalogFile, sheet: CatalogFile.Entry<RateSheet>, name: String)]] = [:]
    for file in files {
      for block in file.blocks {
        guard let sheet = block.value.sheets.first(where: { $0.value.holds(at: today) }) else { continue }
        siblings[block.value.model, default: []].append((file, sheet, "\(file.provider)/\(block.value.id)"))
      }
    }
    for meter in [Meter.input, .output] {
      for offers in siblings.values {
        let priced = offers.compactMap { offer in
          offer.sheet.value.base[meter].flatMap { $0 > .free ? (offer: offer, rate: $0) : nil }
        }
        guard let cheapest = priced.min(by: { $0.rate < $1.rate }) else { continue }
        for dear in priced where dear.rate.picodollars / Self.oddRatio >= cheapest.rate.picodollars {
          if let confirmed = dear.offer.sheet.confirmation?.checked,
            today.dayNumber - confirmed.dayNumber <= Self.freshDays
          {
            continue
          }
          add(
            .warning, dear.offer.file, dear.offer.sheet,
            "'\(meter)' is \(dear.rate), ten times or more the \(cheapest.rate) of "
              + "\(cheapest.offer.name) for the same "
              + "model; check the unit of both, and add 'confirmed' if a second source has it")
        }
      }
    }
  }
}
