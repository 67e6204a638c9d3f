internal import CCatalog

extension CatalogLoader {
  /// The price files that the library brings along, ordered by name.
  public static var bundled: [CatalogSource] {
    UnsafeBufferPointer(start: catalog_files_start, count: catalog_file_count).map { file in
      CatalogSource(
        name: "bundled/" + String(cString: file.name),
        bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.length)))
    }
  }
}
