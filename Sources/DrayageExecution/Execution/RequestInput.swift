import Drayage
import DrayageProfiles

/// What of a request's body becomes input tokens.
struct RequestInput {
  /// The texts of its messages, and its tools as they are written.
  let texts: [String]
  /// All that is not text.
  let parts: RequestParts

  /// - Parameter text: what the body was parsed from.
  init(_ body: JSONNode, in text: [UInt8]) {
    let items = body["messages"]?.elements.map(Array.init) ?? []
    var texts: [String] = []
    var pictures: [RequestParts.Picture] = []
    for message in items {
      if let text = message["content"]?.string { texts.append(text) }
      guard case .array(let parts)? = message["content"]?.value else { continue }
      texts += parts.compactMap { $0["text"]?.string ?? $0["refusal"]?.string }
      pictures += parts.filter { $0["type"]?.string == "image_url" }.map(RequestParts.Picture.init)
    }
    var tools = 0
    if let list = body["tools"], case .array(let entries) = list.value {
      tools = entries.count
      texts.append(String(decoding: text[list.range], as: UTF8.self))
    }
    self.texts = texts
    parts = RequestParts(
      pictures: pictures, messages: items.count, names: items.count { $0["name"] != nil }, tools: tools)
  }
}

/// What of a request becomes input tokens besides its texts.
struct RequestParts {
  /// A picture, as far as its tokens depend on it.
  struct Picture {
    let size: PixelSize?
    let detail: ImageRule.Detail

    init(_ part: JSONNode) {
      let address = part["image_url"]?["url"]?.string ?? ""
      let data = address.hasPrefix("data:") ? address.split(separator: ",", maxSplits: 1) : []
      size = data.count == 2 ? PixelSize(base64: data[1]) : nil
      detail =
        switch part["image_url"]?["detail"]?.string {
        case "low": .low
        case "high": .high
        default: .standard
        }
    }
  }

  var pictures: [Picture] = []
  let messages: Int
  var names = 0
  var tools = 0

  /// The tokens of its pictures as a family's models count them.
  func ofPictures(_ family: TokenFamily) -> TokenEstimate {
    guard !pictures.isEmpty else { return .zero }
    let rule = ImageRule(family)
    return pictures.reduce(into: .zero) { $0 += rule.estimate($1.size, detail: $1.detail) }
  }

  /// The most that they can be at any model.
  var pictureBound: Int {
    pictures.reduce(into: TokenEstimate.zero) {
      $0 += ImageRule.unknown.estimate($1.size, detail: $1.detail == .low ? .low : .high)
    }.bound
  }

  /// What a family's chat format puts around them.
  func around(_ family: TokenFamily) -> TokenEstimate {
    RequestOverhead(family).estimate(messages: messages, names: names, tools: tools)
  }
}
