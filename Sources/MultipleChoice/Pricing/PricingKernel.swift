import CPricing
import Dispatch

/// Runs the passes of `CPricing` over parts of a problem's tiles, on all cores. The one place where pointers
/// into the columns are taken.
struct PricingKernel {
  /// Tiles of one run: every `stride`-th from `first`.
  struct Part {
    let run: Int
    let first: Int
    let count: Int
    let stride: Int
  }

  let columns: PackedColumns
  let planes: Planes

  /// What one part comes to.
  struct Sums {
    /// `parts * optionCount * planes.count` sums over the chosen pairs.
    var values: [Double]
    /// The least scores, summed per part, as a value and what rounding took from it.
    var bounds: [(Double, Double)]
  }

  /// The least score of every position of the parts, summed, with the sums of what is chosen.
  ///
  /// - Parameters:
  ///   - weights: per segment, option and plane.
  ///   - choice: the chosen option by position; left alone if empty.
  func pass(_ parts: [Part], weights: [Double], choice: inout [UInt16]) -> Sums {
    let length = columns.optionCount * planes.count
    var sums = Sums(
      values: Array(repeating: 0, count: parts.count * length),
      bounds: Array(repeating: (0, 0), count: parts.count))
    sums.values.withUnsafeMutableBufferPointer { values in
      sums.bounds.withUnsafeMutableBufferPointer { bounds in
        choice.withUnsafeMutableBufferPointer { choice in
          nonisolated(unsafe) let (values, bounds, choice) = (values, bounds, choice)
          forEach(parts, weights) { at, columns, range in
            var (columns, range) = (columns, range)
            var bound = (0.0, 0.0)
            withUnsafeMutablePointer(to: &bound) {
              $0.withMemoryRebound(to: Double.self, capacity: 2) {
                pricing_pass(
                  &columns, &range, values.baseAddress! + at * length, $0,
                  choice.isEmpty ? nil : choice.baseAddress)
              }
            }
            bounds[at] = bound
          }
        }
      }
    }
    return sums
  }

  /// The pairs that are near, by position.
  ///
  /// - Parameters:
  ///   - directions: sets of weights, one after the other.
  ///   - mostPerPart: how many are kept of each part.
  /// - Returns: the pairs, and how many there are in all.
  func near(
    _ parts: [Part], weights: [Double], directions: [Double], directionCount: Int,
    _ search: pricing_search, mostPerPart: Int
  ) -> (pairs: [pricing_pair], total: Int) {
    var found = Array(repeating: (pairs: [pricing_pair](), total: 0), count: parts.count)
    let stride = directions.count / max(1, directionCount)
    directions.withUnsafeBufferPointer { directions in
      found.withUnsafeMutableBufferPointer { found in
        // Each part has a place of its own.
        nonisolated(unsafe) let (directions, found) = (directions, found)
        forEach(parts, weights) { at, shared, range in
          var (shared, range, search) = (shared, range, search)
          let segment = columns.layout.runs[parts[at].run].segment
          range.directions = directions.baseAddress! + segment * columns.optionCount * planes.count
          range.direction_stride = Int64(stride)
          range.direction_count = Int32(directionCount)
          var capacity = min(mostPerPart, 4_096)
          while true {
            var total = 0
            let pairs = Array<pricing_pair>(unsafeUninitializedCapacity: capacity) { buffer, count in
              total = Int(pricing_near(&shared, &range, &search, buffer.baseAddress, Int64(capacity)))
              count = min(total, capacity)
            }
            guard total > capacity, capacity < mostPerPart else {
              found[at] = (pairs, total)
              return
            }
            capacity = min(total, mostPerPart)
          }
        }
      }
    }
    return (found.flatMap(\.pairs), found.reduce(0) { $0 + $1.total })
  }

  /// Below so many pairs, waking another core costs more than it brings.
  private static let fewPairs = 300_000

  private func forEach(
    _ parts: [Part], _ weights: [Double], _ body: (Int, pricing_columns, pricing_range) -> Void
  ) {
    let counts = columns.layout.counts
    columns.dense.withPointers(planes.dense) { dense in
      columns.features.withPointers(planes.features) { features in
        weights.withUnsafeBufferPointer { weights in
          counts.withPointer { counts in
            columns.options.flat.withUnsafeBufferPointer { options in
              let description = pricing_columns(
                dense: dense.baseAddress, features: features.baseAddress, counts: counts,
                dense_count: Int32(dense.count), feature_count: Int32(features.count),
                option_count: Int32(columns.optionCount), is_double: columns.precision == .double ? 1 : 0)
              nonisolated(unsafe) let (shared, weights, options, body) = (description, weights, options, body)
              let length = columns.optionCount * planes.count
              @Sendable func perform(_ at: Int) {
                let part = parts[at]
                let run = columns.layout.runs[part.run]
                let listed = columns.options.starts[run.segment]..<columns.options.starts[run.segment + 1]
                let range = pricing_range(
                  first_tile: Int64(part.first), tile_count: Int64(part.count),
                  tile_stride: Int64(part.stride), end_position: Int64(run.end),
                  weights: weights.baseAddress! + run.segment * length, directions: nil,
                  direction_stride: 0, direction_count: 0,
                  options: options.baseAddress! + listed.lowerBound, listed_options: Int32(listed.count))
                body(at, shared, range)
              }
              let tiles = parts.reduce(0) { $0 + $1.count }
              if tiles * Layout.tile * columns.optionCount < Self.fewPairs || parts.count == 1 {
                for at in parts.indices { perform(at) }
              } else {
                DispatchQueue.concurrentPerform(iterations: parts.count) { perform($0) }
              }
            }
          }
        }
      }
    }
  }
}

extension Optional<[Double]> {
  fileprivate func withPointer(_ body: (UnsafePointer<Double>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
