/// What price lists call the providers and models of price files.
enum ImportNames {
  /// The provider's name in price files; the list's own where that is the same or there is no other.
  static func provider(_ name: String, in format: ImportFormat) -> String {
    if format == .litellm, name.hasPrefix("vertex_ai") { return "vertex" }
    let table =
      switch format {
      case .litellm: litellm
      case .genaiPrices: genaiPrices
      case .modelsDev: modelsDev
      }
    return table[name] ?? name
  }

  private static let litellm = [
    "bedrock_converse": "bedrock", "cohere_chat": "cohere", "dashscope": "alibaba",
    "fireworks_ai": "fireworks", "friendliai": "friendli", "gemini": "google", "gmi": "gmicloud",
    "meta_llama": "meta", "text-completion-openai": "openai", "together_ai": "together",
  ]

  private static let genaiPrices = ["aws": "bedrock", "moonshotai": "moonshot", "x-ai": "xai"]

  private static let modelsDev = [
    "amazon-bedrock": "bedrock", "cloudflare-workers-ai": "cloudflare", "fireworks-ai": "fireworks",
    "google-vertex": "vertex", "google-vertex-anthropic": "vertex", "moonshotai": "moonshot",
    "novita-ai": "novita", "togetherai": "together",
  ]

  /// The middle of an offer's name, from the name of the model in requests: without what every model of the
  /// provider begins with, and without characters that names of offers do not have.
  static func offer(_ wireModel: String, at provider: String) -> String {
    var name = wireModel
    if let prefix = prefixes[provider], name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    return String(name.map { "@# ".contains($0) ? "-" : $0 })
  }

  private static let prefixes = [
    "cloudflare": "@cf/", "fireworks": "accounts/fireworks/models/", "vertex": "google/",
  ]

  /// The name without the region, vendor, version, date, precision and tuning that providers add to it.
  ///
  /// Two names that are alike so are one model to a router that has met one of them; a model that none is
  /// alike keeps its own name.
  static func root(of name: String) -> String {
    var text = Substring((name.split(separator: "/").last ?? "").lowercased())
    for region in ["us-gov.", "us.", "eu.", "global.", "apac.", "jp.", "au.", "ca.", "regional."]
    where text.hasPrefix(region) { text = text.dropFirst(region.count) }
    for vendor in vendors where text.hasPrefix(vendor) { text = text.dropFirst(vendor.count) }
    if let at = text.lastIndex(of: "@") { text = text[..<at] }
    // A version such as -v1:0 or -1:0.
    if let colon = text.lastIndex(of: ":"), text[colon...].dropFirst().allSatisfy(\.isNumber),
      let dash = text[..<colon].lastIndex(of: "-")
    {
      text = text[..<dash]
    }
    var shorter: Substring? = text
    while let next = shorter {
      text = next
      shorter = withoutSuffix(text) ?? withoutDate(text)
    }
    // What is v3.2 to one is v3p2 or v3-2 to another.
    var digits: [Character] = []
    for (position, character) in zip(text.indices, text) {
      let next = text.index(after: position)
      let joins = ".p".contains(character) && digits.last?.isNumber == true && next < text.endIndex
      digits.append(joins && text[next].isNumber ? "-" : character)
    }
    return String(digits).replacing("llama3", with: "llama-3").replacing("qwen-3", with: "qwen3")
  }

  private static func withoutSuffix(_ text: Substring) -> Substring? {
    suffixes.first { text.hasSuffix($0) && text.count > $0.count }.map { text.dropLast($0.count) }
  }

  /// Without a date at the end: of a year as in -20251001 or -2025-10-01, or within one as in -0813.
  private static func withoutDate(_ text: Substring) -> Substring? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last, last.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return nil
    }
    if last.count == 8, last.hasPrefix("20") { return text.dropLast(9) }
    if last.count == 4, let month = Int(last.prefix(2)), (1...12).contains(month) { return text.dropLast(5) }
    let year = parts.count > 3 ? parts[parts.count - 3] : ""
    guard last.count == 2, year.count == 4, year.hasPrefix("20"), year.allSatisfy(\.isNumber) else {
      return nil
    }
    return text.dropLast(11)
  }

  private static let vendors = [
    "anthropic.", "amazon.", "meta.", "openai.", "moonshotai.", "moonshot.", "zai.", "qwen.", "deepseek.",
    "mistral.", "google.", "minimax.", "xai.", "databricks-meta-", "databricks-", "parasail-", "meta-",
  ]

  private static let suffixes = [
    "-instruct", "-it", "-maas", "-tee", "-turbo", "-fast", "-fp8", "-fp4", "-bf16", "-latest",
  ]
}
