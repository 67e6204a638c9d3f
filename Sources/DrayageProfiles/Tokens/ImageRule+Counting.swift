extension ImageRule {
  /// The tokens of an image.
  ///
  /// - Parameters:
  ///   - width: in pixels; below 1 is taken as 1.
  ///   - height: in pixels.
  ///   - detail: as the request asks for.
  public func estimate(width: Int, height: Int, detail: Detail = .standard) -> TokenEstimate {
    // No provider takes images of a million pixels a side, and none of the products below overflows there.
    let width = Double(max(1, min(width, 1_000_000)))
    let height = Double(max(1, min(height, 1_000_000)))
    switch kind {
    case .tiles(let base, let tile):
      return TokenEstimate(
        exactly: detail == .low ? base : base + tile * ImageRule.tileCount(width, height))
    case .patches(let multiplier, let standard, let high):
      let limit = detail == .high ? high : standard
      let patches = ImageRule.patchCount(width, height, limit)
      // Providers are known to round the scaled sides up, to as many patches as the limit allows.
      let most = min(limit, ImageRule.cover(width, 32) * ImageRule.cover(height, 32))
      return TokenEstimate(
        expected: ImageRule.product(patches, multiplier), high: ImageRule.product(most, multiplier),
        bound: ImageRule.product(most, multiplier))
    case .area(let longEdge, let tokens):
      let scale = min(1, longEdge / max(width, height))
      let patches = ImageRule.cover(width * scale, 28) * ImageRule.cover(height * scale, 28)
      let area = Int((width * scale * height * scale / 750).rounded(.up))
      // Bills follow whole patches of 28 pixels, which for small images is more than the published area; the
      // limits are published as approximate, hence 5 % on top.
      return TokenEstimate(
        expected: min(tokens, area), high: min(tokens, max(area, patches)),
        bound: min(tokens + tokens / 20, max(area, patches)))
    case .crops:
      return TokenEstimate(exactly: 258 * ImageRule.cropCount(width, height))
    case .fixed(let low, let standard, let high):
      return TokenEstimate(exactly: detail == .low ? low : detail == .high ? high : standard)
    case .largest:
      let all = ImageRule.known.map { $0.estimate(width: Int(width), height: Int(height), detail: detail) }
      return TokenEstimate(
        expected: all.map(\.expected).max() ?? 0, high: all.map(\.high).max() ?? 0,
        bound: all.map(\.bound).max() ?? 0)
    }
  }

  private static func cover(_ length: Double, _ unit: Double) -> Int {
    max(1, Int((length / unit).rounded(.up)))
  }

  private static func product(_ patches: Int, _ multiplier: Double) -> Int {
    Int((Double(patches) * multiplier).rounded(.up))
  }

  private static func tileCount(_ width: Double, _ height: Double) -> Int {
    let fit = min(1, 2_048 / max(width, height))
    let scale = fit * min(1, 768 / (min(width, height) * fit))
    return cover(width * scale, 512) * cover(height * scale, 512)
  }

  /// The patches that cover an image, after scaling it down to at most `limit` of them so that one side is a
  /// whole number of patches.
  private static func patchCount(_ width: Double, _ height: Double, _ limit: Int) -> Int {
    let whole = cover(width, 32) * cover(height, 32)
    if whole <= limit { return whole }
    let scale = (1_024 * Double(limit) / (width * height)).squareRoot()
    let (across, down) = (width * scale / 32, height * scale / 32)
    let shrink = min(across.rounded(.down) / across, down.rounded(.down) / down)
    // A strip thinner than one patch cannot shrink further.
    if shrink <= 0 { return limit }
    let tolerance = 1e-9
    return min(
      limit,
      max(1, Int((across * shrink - tolerance).rounded(.up)))
        * max(1, Int((down * shrink - tolerance).rounded(.up))))
  }

  private static func cropCount(_ width: Double, _ height: Double) -> Int {
    if max(width, height) <= 384 { return 1 }
    let unit = max(1, (min(width, height) / 1.5).rounded(.down))
    return min(1_000, cover(width, unit) * cover(height, unit))
  }
}
