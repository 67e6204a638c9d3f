extension ProfileFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: at most 32 MiB.
  ///   - file: its name, for messages.
  /// - Throws: ``InputError`` with the line and the key of the first fault.
  public init(reading bytes: [UInt8], file: String) throws(InputError) {
    try self.init(reading: bytes, file: file, kinds: Self.kinds)
  }

  /// Reads a file of which these kinds are known.
  init(reading bytes: [UInt8], file: String, kinds: [any ProfilePayload.Type]) throws(InputError) {
    let root = JSONField(node: try JSONNode.parse(bytes, file: file), file: file, path: "")
    var fields = try root.fields()
    let format = try fields.require("format")
    guard try format.text() == Self.format else {
      throw format.fault("this is no file of profiles; its format should be '\(Self.format)'")
    }
    let version = try fields.require("version")
    guard version.node.integer == Self.version else {
      throw version.fault(
        "only version \(Self.version) is read here; write the file again or update the program")
    }
    let profiles = try fields.require("profiles")
    try fields.end()
    self.init()
    for field in try profiles.elements(atMost: Self.mostEntries, called: "profiles; split the file") {
      let entry = try field.profileEntry(kinds: kinds)
      guard !contains(entry) else {
        throw field.fault("the \(entry.kind) of \(entry.name) is there twice; remove one", .duplicate)
      }
      put(entry)
    }
  }
}

extension JSONField {
  /// Whether a text is a name: 1 to 200 bytes, none of them a control character.
  static func isName(_ text: String) -> Bool {
    (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  /// The elements of a list of at most so many.
  func elements(atMost most: Int, called what: String) throws(InputError) -> [JSONField] {
    if case .array(let nodes) = node.value, nodes.count > most {
      throw fault("there are \(nodes.count) elements; at most \(most) are read as \(what)", .tooLarge)
    }
    return try elements()
  }

  fileprivate func profileEntry(kinds: [any ProfilePayload.Type]) throws(InputError) -> ProfileEntry {
    var fields = try fields()
    let kind = try fields.require("kind").name()
    let keyField = try fields.require("key")
    let data = try fields.require("data")
    let sources = try fields.require("provenance")
    try fields.end()
    var provenance: [ProfileProvenance] = []
    for field in try sources.elements(atMost: ProfileFile.mostSources, called: "sources of one profile") {
      let item = try field.provenance()
      guard !provenance.contains(item) else {
        throw field.fault("this source is there twice; remove one", .duplicate)
      }
      provenance.append(item)
    }
    guard !provenance.isEmpty else {
      throw sources.fault("a source is needed; say where the figures come from")
    }
    let key = try keyField.profileKey()
    guard let type = kinds.first(where: { $0.kind == kind }) else {
      let payload = UnknownPayload(kind: kind, json: data.node.canonical)
      return ProfileEntry(key: key, provenance: provenance, content: .unknown(payload))
    }
    try keyField.check(key, against: type.key)
    let payload = try type.init(reading: data)
    let sum = provenance.reduce(0) { $0 + $1.count }
    if let count = payload.recordCount, count != sum {
      throw sources.fault("the counts sum to \(sum), and the profile has \(count) records")
    }
    return ProfileEntry(key: key, provenance: provenance, content: .known(payload))
  }

  private func profileKey() throws(InputError) -> [String: String] {
    var key: [String: String] = [:]
    for (name, field) in try entries() { key[name] = try field.name() }
    guard (1...16).contains(key.count) else { throw fault("1 to 16 keys say what a profile is of") }
    return key
  }

  private func check(
    _ key: [String: String], against known: (required: [String], optional: [String])
  ) throws(InputError) {
    for name in known.required where key[name] == nil {
      throw fault("'\(name)' is missing; add it", .missing)
    }
    let names = known.required + known.optional
    for name in key.keys.sorted() where !names.contains(name) {
      throw fault(
        "\(InputError.quoted(name)) does not belong here; \(Spelling.advice(for: name, among: names))",
        .unknown)
    }
  }
}
