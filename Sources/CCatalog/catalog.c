#include "catalog.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* A file that is missing here is missing in the program: a test compares the list with the folder. */
static const unsigned char alibaba[] = {
#embed "../../pricing/alibaba.json"
};
static const unsigned char anthropic[] = {
#embed "../../pricing/anthropic.json"
};
static const unsigned char atlascloud[] = {
#embed "../../pricing/atlascloud.json"
};
static const unsigned char azure[] = {
#embed "../../pricing/azure.json"
};
static const unsigned char azure_ai[] = {
#embed "../../pricing/azure_ai.json"
};
static const unsigned char azure_ai_anthropic[] = {
#embed "../../pricing/azure_ai-anthropic.json"
};
static const unsigned char baseten[] = {
#embed "../../pricing/baseten.json"
};
static const unsigned char bedrock[] = {
#embed "../../pricing/bedrock.json"
};
static const unsigned char bedrock_openai[] = {
#embed "../../pricing/bedrock-openai.json"
};
static const unsigned char cerebras[] = {
#embed "../../pricing/cerebras.json"
};
static const unsigned char chutes[] = {
#embed "../../pricing/chutes.json"
};
static const unsigned char cloudflare[] = {
#embed "../../pricing/cloudflare.json"
};
static const unsigned char cohere[] = {
#embed "../../pricing/cohere.json"
};
static const unsigned char databricks[] = {
#embed "../../pricing/databricks.json"
};
static const unsigned char deepinfra[] = {
#embed "../../pricing/deepinfra.json"
};
static const unsigned char deepseek[] = {
#embed "../../pricing/deepseek.json"
};
static const unsigned char fireworks[] = {
#embed "../../pricing/fireworks.json"
};
static const unsigned char friendli[] = {
#embed "../../pricing/friendli.json"
};
static const unsigned char gmicloud[] = {
#embed "../../pricing/gmicloud.json"
};
static const unsigned char google[] = {
#embed "../../pricing/google.json"
};
static const unsigned char groq[] = {
#embed "../../pricing/groq.json"
};
static const unsigned char minimax[] = {
#embed "../../pricing/minimax.json"
};
static const unsigned char mistral[] = {
#embed "../../pricing/mistral.json"
};
static const unsigned char moonshot[] = {
#embed "../../pricing/moonshot.json"
};
static const unsigned char nebius[] = {
#embed "../../pricing/nebius.json"
};
static const unsigned char novita[] = {
#embed "../../pricing/novita.json"
};
static const unsigned char openai[] = {
#embed "../../pricing/openai.json"
};
static const unsigned char openai_responses[] = {
#embed "../../pricing/openai-responses.json"
};
static const unsigned char ovhcloud[] = {
#embed "../../pricing/ovhcloud.json"
};
static const unsigned char parasail[] = {
#embed "../../pricing/parasail.json"
};
static const unsigned char sambanova[] = {
#embed "../../pricing/sambanova.json"
};
static const unsigned char scaleway[] = {
#embed "../../pricing/scaleway.json"
};
static const unsigned char siliconflow[] = {
#embed "../../pricing/siliconflow.json"
};
static const unsigned char together[] = {
#embed "../../pricing/together.json"
};
static const unsigned char vertex[] = {
#embed "../../pricing/vertex.json"
};
static const unsigned char wandb[] = {
#embed "../../pricing/wandb.json"
};
static const unsigned char xai[] = {
#embed "../../pricing/xai.json"
};
static const unsigned char zai[] = {
#embed "../../pricing/zai.json"
};

static const unsigned char starting_profiles[] = {
#embed "../../pricing/starting/profiles.json"
};

#define FILE(name, identifier) {name ".json", identifier, sizeof identifier}

static const catalog_file files[] = {
    FILE("alibaba", alibaba),
    FILE("anthropic", anthropic),
    FILE("atlascloud", atlascloud),
    FILE("azure", azure),
    FILE("azure_ai", azure_ai),
    FILE("azure_ai-anthropic", azure_ai_anthropic),
    FILE("baseten", baseten),
    FILE("bedrock", bedrock),
    FILE("bedrock-openai", bedrock_openai),
    FILE("cerebras", cerebras),
    FILE("chutes", chutes),
    FILE("cloudflare", cloudflare),
    FILE("cohere", cohere),
    FILE("databricks", databricks),
    FILE("deepinfra", deepinfra),
    FILE("deepseek", deepseek),
    FILE("fireworks", fireworks),
    FILE("friendli", friendli),
    FILE("gmicloud", gmicloud),
    FILE("google", google),
    FILE("groq", groq),
    FILE("minimax", minimax),
    FILE("mistral", mistral),
    FILE("moonshot", moonshot),
    FILE("nebius", nebius),
    FILE("novita", novita),
    FILE("openai", openai),
    FILE("openai-responses", openai_responses),
    FILE("ovhcloud", ovhcloud),
    FILE("parasail", parasail),
    FILE("sambanova", sambanova),
    FILE("scaleway", scaleway),
    FILE("siliconflow", siliconflow),
    FILE("together", together),
    FILE("vertex", vertex),
    FILE("wandb", wandb),
    FILE("xai", xai),
    FILE("zai", zai),
};

const catalog_file *const catalog_files_start = files;
const size_t catalog_file_count = sizeof files / sizeof files[0];
const catalog_file catalog_starting_profiles = {"pricing/starting/profiles.json", starting_profiles,
                                                sizeof starting_profiles};
