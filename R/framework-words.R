# What a framework calls its parts, by key, and its translation. Keys are the id of the
# framework and the code of what is named: gci-2024/LS, gci-2024/band:T1.

# The framework with each label as the language has it. Labels that are neither those of
# the shipped framework of that id nor words of the package are the user's and stay as
# they are.
framework_in <- function(lang, framework) {
  language <- find_language(lang)
  if (language$code == "en") {
    return(framework)
  }
  change_labels(framework, function(key, label) {
    label <- labels_in(lang, shipped_key(framework$id, key, label), label)
    word <- match(key, paste0(framework$id, "/", names(framework$words), recycle0 = TRUE))
    label[!is.na(word)] <- texts_in(language, framework$words[word[!is.na(word)]])
    label
  })
}

# The keys of labels that are those of the shipped framework; NA for others.
shipped_key <- function(id, key, label) {
  shipped <- shipped_framework_labels(id)[key]
  ifelse(!is.na(shipped) & shipped == label, key, NA_character_)
}

title_in.cap_framework <- function(lang, x) framework_in(lang, x)$title

# All labels of a framework, named by their keys.
framework_labels <- function(framework) {
  found <- character()
  change_labels(framework, function(key, label) {
    found[key] <<- label
    label
  })
  found[nzchar(found)]
}

# The framework with change(keys, labels) in the place of its labels.
change_labels <- function(framework, change) {
  changed <- function(kind, code, label) change(paste0(framework$id, "/", kind, code, recycle0 = TRUE), label)
  for (field in c("title", "source", "note")) framework[[field]] <- changed(field, "", framework[[field]])
  framework$levels <- changed("level:", framework$levels, framework$levels)
  framework$spare_levels <- changed("level:", framework$spare_levels, framework$spare_levels)
  framework$items$label <- changed("", framework$items$code, framework$items$label)
  if (!is.null(framework$bands)) framework$bands$name <- changed("band:", framework$bands$label, framework$bands$name)
  if (!is.null(framework$stages)) {
    framework$stages$label <- changed("stage:", framework$stages$stage, framework$stages$label)
  }
  if (!is.null(framework$gates)) framework$gates$group <- changed("gate:", framework$gates$group, framework$gates$group)
  scale <- scale_levels(framework$scale)
  if (!is.null(scale)) {
    framework$scale <- paste(scale$value, changed("scale:", scale$value, scale$meaning), collapse = "; ")
  }
  framework
}

# "0 absent; 1 implicit" taken apart; NULL where there is no such text.
scale_levels <- function(scale) {
  parts <- trimws(strsplit(scale %||% "", ";", fixed = TRUE)[[1L]])
  value <- suppressWarnings(as.numeric(sub("[[:space:]].*$", "", parts)))
  if (length(parts) == 0L || anyNA(value)) {
    return(NULL)
  }
  data.frame(value = value, meaning = trimws(sub("^[^[:space:]]+", "", parts)))
}

# A label of a framework as a text, such as that of level "pillar", for what has no
# language yet.
label_of <- function(framework, kind, code, label) {
  key <- shipped_key(framework$id, paste0(framework$id, "/", kind, code, recycle0 = TRUE), label)
  unname(Map(function(key, label) if (is.na(key)) label else label_term(key, label), key, label))
}

shipped_framework_labels <- function(id) {
  if (!id %in% shipped_ids()) {
    return(character())
  }
  label_cache[[id]] <- label_cache[[id]] %||% framework_labels(find_framework(id))
  label_cache[[id]]
}

label_cache <- new.env(parent = emptyenv())
